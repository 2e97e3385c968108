package ai.falaj.jobs.completion;

import java.util.Objects;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Where a job whose requests bring tools has them called.
 *
 * @param delivery of the requests
 */
public record ToolTopics(String requests, String responses, DeliveryGuarantee delivery) {

  public ToolTopics {
    Objects.requireNonNull(requests, "requests");
    Objects.requireNonNull(responses, "responses");
    Objects.requireNonNull(delivery, "delivery");
  }

  static ToolTopics from(ReadableConfig config) {
    return new ToolTopics(
        config.get(DialogueOptions.TOOL_REQUESTS_TOPIC),
        config.get(DialogueOptions.TOOL_RESPONSES_TOPIC),
        config.get(DialogueOptions.TOOLS_DELIVERY));
  }
}

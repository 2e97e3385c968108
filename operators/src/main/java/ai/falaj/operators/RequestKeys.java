package ai.falaj.operators;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;

/**
 * Says which prompts are equal, for {@link AnswerReuse}: those with one request id, whatever key
 * their records have. A record that holds no request stands alone. The texts are part of every
 * savepoint of a job that reuses answers: never change them.
 */
public final class RequestKeys implements KeySelector<PromptRecord, String> {

  private static final long serialVersionUID = 1L;

  public static final TypeInformation<String> TYPE = Types.STRING;

  @Override
  public String getKey(PromptRecord record) {
    return of(record);
  }

  static String of(PromptRecord record) {
    return record.content() instanceof PromptRecord.Request request
        ? "r:" + request.request().getRequestId()
        : "o:" + record.origin();
  }
}

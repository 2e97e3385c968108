package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.analytics.AnalyticsOptions;
import ai.falaj.jobs.analytics.TariffOptions;
import ai.falaj.jobs.reasoning.ReasoningJobOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/OPTIONS.md} says what the code says. {@code -Dfalaj.docs.write=true} writes it anew.
 */
class OptionsDocumentTest {

  @Test
  void documentsEveryOptionWithItsDefaultAndTradeOff() throws Exception {
    Path document = Path.of(System.getProperty("falaj.home"), "docs", "OPTIONS.md");
    String expected = render();
    if (Boolean.getBoolean("falaj.docs.write")) {
      Files.writeString(document, expected);
    }
    assertThat(Files.readString(document))
        .as("docs/OPTIONS.md; write it anew with -Dfalaj.docs.write=true")
        .isEqualTo(expected);
  }

  private static String render() {
    StringBuilder text = new StringBuilder();
    text.append("# Options of the completion job\n\n");
    text.append("Given as `-D KEY=VALUE` to `falaj up`, `demo`, `bench pipeline` and `submit`, as");
    text.append(" `--KEY VALUE` to the job itself, or in Flink's\nconfiguration; the command line");
    text.append(" wins over the job's configuration, and that over the default. All are checked");
    text.append(" before the job\ngraph exists; a misspelt one is refused. Made from");
    text.append(" `CompletionOptions`.\n\n");
    appendTable(CompletionOptions.all(), text);
    text.append("\n## Tenants\n\n");
    text.append("Requests name their tenant; each tenant may have options of its own, with its");
    text.append(" name in the key. One that has none, and requests that\nname no tenant, have");
    text.append(" weight 1 and no budget. Made from `TenantOptions`.\n\n");
    appendTable(TenantOptions.documented(), text);
    text.append("\n## Several models\n\n");
    text.append("A job with more than one model names each in the key of its options, in place of");
    text.append(" `falaj.model`. Beside those below a model may have\na value of its own for each");
    text.append(" option that begins with `falaj.runtime.`, which stands for that, and for");
    text.append(" `falaj.model.chat-template`:\n`falaj.models.k2.context-tokens`,");
    text.append(" `falaj.models.k2.kv.layout`. Made from `ModelOptions`.\n\n");
    appendTable(ModelOptions.documented(), text);
    text.append("\n## Routes\n\n");
    text.append("How requests are shared out between models: [ROUTING.md](ROUTING.md). Made from");
    text.append(" `RoutingOptions`.\n\n");
    appendTable(RoutingOptions.documented(), text);
    text.append("\n## Reasoning\n\n");
    text.append("The reasoning job takes the options above and these; see");
    text.append(
        " [REASONING.md](REASONING.md). What else stands under `falaj.reasoning.planner.`,\n");
    text.append("`…solver.` or `…judge.` is the option above of that name, for this role alone:");
    text.append(" `falaj.reasoning.judge.runtime.max-sequences`.\nIts name and its consumer group");
    text.append(" are `falaj-reasoning` by default. Made from `ReasoningJobOptions`.\n\n");
    appendTable(ReasoningJobOptions.all(), text);
    text.append("\n## Analytics\n\n");
    text.append(
        "The analytics job takes of the options above those of topics, Kafka, the registry");
    text.append(" and delivery, and these; see\n[ANALYTICS.md](ANALYTICS.md). Its name and its");
    text.append(" consumer group are `falaj-analytics` by default. Made from");
    text.append(" `AnalyticsOptions` and\n`TariffOptions`.\n\n");
    appendTable(AnalyticsOptions.all(), text);
    text.append("\n### Prices and budgets\n\n");
    text.append("With the name of a model, or of a tenant, in the key. All amounts are in one");
    text.append(" currency.\n\n");
    appendTable(TariffOptions.documented(), text);
    text.append("\n## Settings that are passed through\n");
    text.append("\n`falaj.kafka.properties.*` reach every Kafka client of the job,");
    text.append(" `falaj.schema-registry.properties.*` the registry client. Checkpoints,\nrestart");
    text.append(" strategy and state backend are Flink's own options.\n");
    return text.toString();
  }

  private static void appendTable(List<ConfigOption<?>> options, StringBuilder text) {
    text.append("| option | default | what it decides |\n|---|---|---|\n");
    for (ConfigOption<?> option : options) {
      text.append("| `%s` | %s | %s |\n".formatted(option.key(), value(option), words(option)));
    }
  }

  private static String value(ConfigOption<?> option) {
    Object value = option.defaultValue();
    if (value == null) {
      return "";
    }
    if (value instanceof Duration duration) {
      value = TimeUtils.formatWithHighestUnit(duration);
    } else if (value instanceof MemorySize size) {
      value = size.toHumanReadableString();
    }
    return "`" + value + "`";
  }

  private static String words(ConfigOption<?> option) {
    return new HtmlFormatter().format(option.description()).replace("&#x27;", "'");
  }
}

package ai.falaj.operators.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

/** The table of options in docs/SQL.md is what the options say. */
class SqlDocumentTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "SQL.md");

  @Test
  void showsEveryOptionAsItIs() throws Exception {
    List<String> rows = new ArrayList<>(List.of("| option | default | what |", "|---|---|---|"));
    List<ConfigOption<?>> options = new ArrayList<>(SqlModelOptions.required());
    options.addAll(SqlModelOptions.optional());
    options.forEach(option -> rows.add(row(option)));

    assertThat(Files.readString(DOCUMENT))
        .endsWith("## Options\n\n" + String.join("\n", rows) + "\n");
  }

  private static String row(ConfigOption<?> option) {
    return "| `%s` | %s | %s |"
        .formatted(
            option.key(),
            option.hasDefaultValue() ? "`" + text(option.defaultValue()) + "`" : "",
            new HtmlFormatter().format(option.description()).replace("|", "\\|"));
  }

  private static String text(Object value) {
    if (value instanceof Duration duration) {
      return TimeUtils.formatWithHighestUnit(duration);
    }
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : value.toString();
  }
}

package ai.falaj.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Reports in files, one JSON document each, and the Markdown table of a folder of them. */
public final class ReportFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ReportFiles() {}

  /** Writes a report, in place of what the file held; makes the file's folder. */
  public static void write(Path file, Object report) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Files.writeString(file, JSON.writeValueAsString(report) + "\n");
  }

  /**
   * One row per verdict of the reports in a folder, by file name. Files without verdicts are passed
   * over.
   *
   * @throws IOException if the folder or one of its {@code .json} files cannot be read
   */
  public static String table(Path folder) throws IOException {
    StringBuilder table =
        new StringBuilder(
            "| benchmark | figure | measured | target | raw |\n|---|---|---|---|---|\n");
    for (Path file : jsonFiles(folder)) {
      JsonNode report = JSON.readTree(file.toFile());
      for (JsonNode verdict : report.path("verdicts")) {
        table.append(row(report.path("benchmark").asText(), verdict, file.getFileName()));
      }
    }
    return table.toString();
  }

  private static List<Path> jsonFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(
          files.filter(file -> file.toString().endsWith(".json")).sorted().toList());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String row(String benchmark, JsonNode verdict, Path raw) {
    Verdict.Bound bound = Verdict.Bound.valueOf(verdict.path("bound").asText());
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s%s | %s %s | `%s` |\n",
        benchmark,
        verdict.path("what").asText(),
        number(verdict.path("value").asDouble()),
        verdict.path("met").asBoolean() ? "" : " (missed)",
        bound == Verdict.Bound.AT_LEAST ? "at least" : "at most",
        number(verdict.path("target").asDouble()),
        raw);
  }

  /** Three decimals at most, none of them a trailing zero. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.3f", value);
    return text.replaceAll("\\.?0+$", "");
  }
}

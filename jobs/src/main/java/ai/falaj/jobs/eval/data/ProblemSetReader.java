package ai.falaj.jobs.eval.data;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.eval.grading.AnswerKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads data sets: JSON lines in the formats of GSM8K, MATH and its relatives, and multiple choice,
 * as {@link ProblemJson} tells them. The whole file is checked before anything is asked.
 */
public final class ProblemSetReader {

  /** The data set that comes with Falaj: the first 100 test problems of GSM8K. */
  public static final String BUNDLED = "gsm8k-100";

  private final Optional<AnswerKind> kind;

  /**
   * @param kind of all problems; where it is not given, each line's fields tell it
   */
  public ProblemSetReader(Optional<AnswerKind> kind) {
    this.kind = kind;
  }

  /**
   * Reads a data set.
   *
   * @param source {@link #BUNDLED}, or the name of a file
   * @throws CliException naming the file, the line and the field that is wrong
   */
  public ProblemSet read(String source) throws IOException {
    if (source.equals(BUNDLED)) {
      try (InputStream input =
          ProblemSetReader.class.getResourceAsStream("/ai/falaj/jobs/eval/" + BUNDLED + ".jsonl")) {
        return read(BUNDLED, BUNDLED, input);
      }
    }
    Path file = Path.of(source);
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw CliException.usage(
          source + " cannot be read", "name a file of JSON lines, or " + BUNDLED);
    }
    try (InputStream input = Files.newInputStream(file)) {
      return read(source, nameOf(file), input);
    } catch (MalformedInputException e) {
      throw CliException.usage(source + " is not in UTF-8", "convert it", e);
    }
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("\\.jsonl?$", "");
  }

  private ProblemSet read(String source, String name, InputStream input) throws IOException {
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                input,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    List<Problem> problems = new ArrayList<>();
    Map<String, Integer> lineOfId = new HashMap<>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      Problem problem = problem(source, name, number, line);
      Integer before = lineOfId.putIfAbsent(problem.id(), number);
      if (before != null) {
        throw wrong(
            source,
            number,
            "id " + problem.id() + " is that of line " + before + "; make it unique");
      }
      problems.add(problem);
    }
    if (problems.isEmpty()) {
      throw CliException.usage(source + " holds no problem", "give it one JSON object per line");
    }
    return new ProblemSet(name, problems);
  }

  private Problem problem(String source, String name, int number, String line) {
    try {
      return ProblemJson.parse(line, name + "-" + number, kind);
    } catch (ProblemFormatException e) {
      throw wrong(source, number, e.getMessage());
    }
  }

  private static CliException wrong(String source, int line, String problemAndRemedy) {
    String[] parts = problemAndRemedy.split("; ", 2);
    return CliException.usage(source + ", line " + line + ": " + parts[0], parts[parts.length - 1]);
  }
}

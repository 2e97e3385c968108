package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.cli.CliException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a run: {@code run.json} (what was asked), {@code results.jsonl} (one line per
 * problem that is through, written at once) and {@code report.json}. A line that a killed process
 * left unfinished is cut off when the run is resumed; its problem is asked again. Confined to one
 * thread.
 */
public final class RunFolder implements AutoCloseable {

  static final String SETTINGS = "run.json";
  static final String RESULTS = "results.jsonl";
  static final String REPORT = "report.json";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final ObjectMapper INDENTED =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;
  private final RunSettings settings;
  private final Map<String, ProblemResult> results;
  private final Writer appended;
  private final boolean resumed;

  private RunFolder(
      Path folder,
      boolean resumed,
      RunSettings settings,
      Map<String, ProblemResult> results,
      Writer appended) {
    this.folder = folder;
    this.resumed = resumed;
    this.settings = settings;
    this.results = results;
    this.appended = appended;
  }

  /**
   * Begins a run in a folder, or goes on with the one that was begun there.
   *
   * @param wanted settings; a resumed run keeps its own id and beginning
   * @throws CliException where the folder holds another run, or files that are none
   */
  public static RunFolder open(Path folder, RunSettings wanted) throws IOException {
    Files.createDirectories(folder);
    Path settingsFile = folder.resolve(SETTINGS);
    RunSettings settings = wanted;
    boolean resumed = Files.exists(settingsFile);
    if (resumed) {
      settings = readSettings(folder);
      Optional<String> difference = wanted.differenceFrom(settings);
      if (difference.isPresent()) {
        throw CliException.usage(
            folder + " holds a run with " + difference.get(),
            "name another folder with --out, or repeat the options of that run");
      }
    } else if (Files.exists(folder.resolve(RESULTS))) {
      throw CliException.usage(
          folder + " holds results of a run that is not known", "name another folder with --out");
    } else {
      replace(settingsFile, INDENTED.writeValueAsString(settings) + "\n");
    }
    Path resultsFile = folder.resolve(RESULTS);
    cutUnfinishedLine(resultsFile);
    Map<String, ProblemResult> results = new LinkedHashMap<>();
    readResults(resultsFile).forEach(result -> results.put(result.id(), result));
    BufferedWriter appended =
        Files.newBufferedWriter(resultsFile, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return new RunFolder(folder, resumed, settings, results, appended);
  }

  /** The settings of the run in a folder. */
  public static RunSettings readSettings(Path folder) throws IOException {
    Path file = folder.resolve(SETTINGS);
    if (!Files.isReadable(file)) {
      throw CliException.usage(
          folder + " holds no run", "name a folder that falaj eval has written");
    }
    try {
      return MAPPER.readValue(file.toFile(), RunSettings.class);
    } catch (JsonProcessingException e) {
      throw CliException.usage(
          file + " is no description of a run: " + e.getOriginalMessage(), "name another run", e);
    }
  }

  /**
   * The lines of a results file; none where there is no file.
   *
   * @throws CliException naming the line that is no result
   */
  public static List<ProblemResult> readResults(Path file) throws IOException {
    List<ProblemResult> results = new ArrayList<>();
    if (!Files.exists(file)) {
      return results;
    }
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        results.add(MAPPER.readValue(line, ProblemResult.class));
      } catch (JsonProcessingException e) {
        throw CliException.usage(
            file + ", line " + number + " is no result: " + e.getOriginalMessage(),
            "name the results.jsonl of a run",
            e);
      }
    }
    return results;
  }

  /** The results file of a run, for its folder or itself. */
  public static Path resultsFile(Path folderOrFile) {
    Path file = Files.isDirectory(folderOrFile) ? folderOrFile.resolve(RESULTS) : folderOrFile;
    if (!Files.isReadable(file)) {
      throw CliException.usage(
          file + " cannot be read", "name a folder that falaj eval has written, or its " + RESULTS);
    }
    return file;
  }

  /** Writes results in place of those that a file holds, all or nothing. */
  public static void replaceResults(Path file, List<ProblemResult> results) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ProblemResult result : results) {
      lines.append(MAPPER.writeValueAsString(result)).append('\n');
    }
    replace(file, lines.toString());
  }

  /** Writes a report beside the results. */
  public static void writeReport(Path folder, Object report) throws IOException {
    replace(folder.resolve(REPORT), INDENTED.writeValueAsString(report) + "\n");
  }

  private static void replace(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(temporary, text);
    Files.move(
        temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void cutUnfinishedLine(Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end < bytes.length) {
      try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
        access.setLength(end);
      }
    }
  }

  public Path folder() {
    return folder;
  }

  /** Whether the run was begun before, by another command. */
  public boolean isResumed() {
    return resumed;
  }

  /** What the run in this folder was begun with. */
  public RunSettings settings() {
    return settings;
  }

  /** What is through, by problem. */
  public Map<String, ProblemResult> results() {
    return Map.copyOf(results);
  }

  /** Keeps a result for good; a second one of the same problem is left out. */
  public void add(ProblemResult result) throws IOException {
    if (results.putIfAbsent(result.id(), result) == null) {
      appended.write(new String(MAPPER.writeValueAsBytes(result), StandardCharsets.UTF_8) + "\n");
      appended.flush();
    }
  }

  @Override
  public void close() throws IOException {
    appended.close();
  }
}

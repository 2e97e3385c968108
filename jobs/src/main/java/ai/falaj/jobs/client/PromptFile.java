package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of prompts, readable as often as needed. Standard input becomes one by way of a temporary
 * file, which {@link #close} deletes. Confined to one thread.
 */
public final class PromptFile implements AutoCloseable {

  private static final int PROBLEMS_NAMED = 5;

  private final Path file;
  private final boolean temporary;

  private PromptFile(Path file, boolean temporary) {
    this.file = file;
    this.temporary = temporary;
  }

  /** The file itself, which must be readable. */
  public static PromptFile of(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw CliException.usage(
          file + " cannot be read", "name a file of JSON lines, or - for input");
    }
    return new PromptFile(file, false);
  }

  /** All of the input, copied to a temporary file. */
  static PromptFile spool(InputStream input) throws IOException {
    Path copy = Files.createTempFile("falaj-prompts", ".jsonl");
    Files.copy(input, copy, StandardCopyOption.REPLACE_EXISTING);
    return new PromptFile(copy, true);
  }

  /** From its beginning; the caller closes it. */
  public BufferedReader open() throws IOException {
    return Files.newBufferedReader(file);
  }

  /**
   * Reads the whole file and counts its prompts.
   *
   * @throws CliException naming the first lines that are no prompts
   */
  public long requireValid(PromptJson json) throws IOException {
    List<String> problems = new ArrayList<>();
    long bad = 0;
    long good = 0;
    try (BufferedReader reader = open()) {
      PromptLines lines = new PromptLines(json, reader);
      boolean more = true;
      while (more) {
        try {
          more = lines.next().isPresent();
          good += more ? 1 : 0;
        } catch (PromptJsonException e) {
          bad++;
          if (problems.size() < PROBLEMS_NAMED) {
            problems.add(e.getMessage());
          }
        }
      }
    } catch (MalformedInputException e) {
      throw CliException.usage(file + " is not in UTF-8", "convert it", e);
    }
    if (bad > 0) {
      String named = String.join(" | ", problems) + (bad > problems.size() ? " | ..." : "");
      throw CliException.usage(
          named + " (" + bad + " of " + (good + bad) + " lines are no prompts; nothing was sent)",
          "correct them, or give --skip-bad");
    }
    return good;
  }

  @Override
  public void close() throws IOException {
    if (temporary) {
      Files.deleteIfExists(file);
    }
  }
}

package ai.falaj.jobs.web;

import ai.falaj.jobs.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Where the token comes from: a variable of the environment or a file. There is no option for the
 * token itself, as every user of a machine can read the arguments of its processes.
 */
public final class TokenOptions {

  private static final long MOST_BYTES = 4_096;

  @Option(
      names = "--token-env",
      paramLabel = "NAME",
      description = "Callers need the token in this variable of the environment.")
  private String variable;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Callers need the token in this file.")
  private Path file;

  /**
   * The token; empty where none was asked for.
   *
   * @throws CliException where it is not there or too short
   */
  public Optional<AccessToken> resolve(Map<String, String> environment) {
    if (variable != null && file != null) {
      throw CliException.usage("--token-env and --token-file are both given", "give one of them");
    }
    if (variable != null) {
      return Optional.of(token(fromEnvironment(environment), "--token-env " + variable));
    }
    return file == null ? Optional.empty() : Optional.of(token(fromFile(), "--token-file " + file));
  }

  private String fromEnvironment(Map<String, String> environment) {
    String value = environment.get(variable);
    if (value == null) {
      throw CliException.usage(
          "the environment has no variable " + variable, "set it, or correct --token-env");
    }
    return value;
  }

  private String fromFile() {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw CliException.usage(
            "--token-file " + file + " is larger than any token", "name a file with one line");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw CliException.usage(
          "--token-file " + file + " cannot be read: " + e.getMessage(), "correct it", e);
    }
  }

  private static AccessToken token(String text, String source) {
    try {
      return AccessToken.of(text.strip());
    } catch (IllegalArgumentException e) {
      throw CliException.usage(source + ": " + e.getMessage(), "make one: openssl rand -hex 32", e);
    }
  }
}

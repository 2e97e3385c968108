package ai.falaj.jobs.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A folder of tests for Node.js and their packages. Where Node.js is missing, tests that need it
 * are skipped with a line that says so.
 */
public final class NodeScripts {

  private static final long INSTALL_LIMIT_S = 180;

  private final Path scripts;
  private final Path logs;
  private final Map<String, String> environment;

  private NodeScripts(Path scripts, Path logs, Map<String, String> environment) {
    this.scripts = scripts;
    this.logs = logs;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Installs the packages unless those of the lock file are there.
   *
   * @param scripts folder with {@code package-lock.json}
   * @param logs folder for what the scripts print
   * @param environment of all that is run
   */
  public static NodeScripts install(Path scripts, Path logs, Map<String, String> environment)
      throws IOException, InterruptedException {
    onPath("node").orElseGet(() -> abort("skipped: no node on the PATH"));
    onPath("npm").orElseGet(() -> abort("skipped: no npm on the PATH"));
    NodeScripts installed = new NodeScripts(scripts, Files.createDirectories(logs), environment);
    Path mark = scripts.resolve("node_modules/.installed-lock.json");
    Path lock = scripts.resolve("package-lock.json");
    if (!Files.exists(mark) || Files.mismatch(mark, lock) >= 0) {
      installed.run(
          "npm-ci",
          Map.of(),
          INSTALL_LIMIT_S,
          List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
      Files.copy(lock, mark);
    }
    return installed;
  }

  /** A program of that name, as a shell would find it. */
  public static Optional<String> onPath(String name) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file)) {
        return Optional.of(file.toString());
      }
    }
    return Optional.empty();
  }

  /** Runs test files, or folders of them, with Node's test runner. */
  public void test(String name, Map<String, String> more, long limitS, String... files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", "--test", "--test-reporter=spec"));
    command.addAll(List.of(files));
    run(name, more, limitS, command);
  }

  /**
   * Runs a command in the folder of the scripts and fails with its output if it does.
   *
   * @param name of the log
   */
  public void run(String name, Map<String, String> more, long limitS, List<String> command)
      throws IOException, InterruptedException {
    Path log = logs.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(scripts.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(more);
    builder.environment().putAll(all);
    Process process = builder.start();
    boolean ended;
    try {
      ended = process.waitFor(limitS, TimeUnit.SECONDS);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(ended).as("%s ended within %d s:%n%s", command, limitS, output).isTrue();
    assertThat(process.exitValue()).as("%s:%n%s", command, output).isZero();
  }
}

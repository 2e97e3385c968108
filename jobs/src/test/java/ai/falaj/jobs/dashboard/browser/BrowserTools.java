package ai.falaj.jobs.dashboard.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Node.js, Chromium and the packages of {@code src/test/browser}. Where one of the first two is
 * missing, tests that need it are skipped with a line that says which.
 */
final class BrowserTools {

  private static final long INSTALL_LIMIT_S = 180;
  private static final List<String> CHROMIUMS =
      List.of("chromium", "chromium-browser", "google-chrome");

  private final Path scripts;
  private final Path logs;
  private final String chromium;

  private BrowserTools(Path scripts, Path logs, String chromium) {
    this.scripts = scripts;
    this.logs = logs;
    this.chromium = chromium;
  }

  /** Installs the packages unless those of the lock file are there. */
  static BrowserTools prepare(Path jobs) throws IOException, InterruptedException {
    onPath("node").orElseGet(() -> abort("skipped: no node on the PATH"));
    onPath("npm").orElseGet(() -> abort("skipped: no npm on the PATH"));
    String chromium =
        Optional.ofNullable(System.getenv("CHROMIUM"))
            .or(() -> CHROMIUMS.stream().flatMap(name -> onPath(name).stream()).findFirst())
            .orElseGet(() -> abort("skipped: no chromium on the PATH, and CHROMIUM names none"));
    Path scripts = jobs.resolve("src/test/browser");
    BrowserTools tools =
        new BrowserTools(
            scripts, Files.createDirectories(jobs.resolve("target/browser")), chromium);
    Path installed = scripts.resolve("node_modules/.installed-lock.json");
    byte[] lock = Files.readAllBytes(scripts.resolve("package-lock.json"));
    if (!Files.exists(installed)
        || Files.mismatch(installed, scripts.resolve("package-lock.json")) >= 0) {
      tools.run(
          "npm-ci",
          Map.of(),
          INSTALL_LIMIT_S,
          List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
      Files.write(installed, lock);
    }
    return tools;
  }

  private static Optional<String> onPath(String name) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file)) {
        return Optional.of(file.toString());
      }
    }
    return Optional.empty();
  }

  /** Runs test files, or folders of them, with Node's test runner. */
  void test(String name, Map<String, String> environment, long limitS, String... files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", "--test", "--test-reporter=spec"));
    command.addAll(List.of(files));
    run(name, environment, limitS, command);
  }

  /**
   * Runs a command in the folder of the scripts and fails with its output if it does.
   *
   * @param name of the log in {@code target/browser}
   */
  void run(String name, Map<String, String> environment, long limitS, List<String> command)
      throws IOException, InterruptedException {
    Path log = logs.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(scripts.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("CHROMIUM", chromium);
    builder.environment().putAll(environment);
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

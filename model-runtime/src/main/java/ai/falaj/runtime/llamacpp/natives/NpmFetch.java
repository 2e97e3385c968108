package ai.falaj.runtime.llamacpp.natives;

import ai.falaj.runtime.files.ExternalCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Downloads a package's archive with {@code npm pack}, so that the user's own registry, proxy and
 * credentials apply. It runs in an empty folder with a {@code package.json} of its own, out of
 * reach of any project's {@code .npmrc}, and runs no script of the package.
 */
final class NpmFetch {

  private static final String NPM = "npm";
  private static final Pattern ERROR_LINE = Pattern.compile("npm (?:error|ERR!)\\s*(.*?)\\s*");

  private final String searchPath;
  private final Duration timeout;

  NpmFetch(String searchPath, Duration timeout) {
    this.searchPath = searchPath;
    this.timeout = timeout;
  }

  /**
   * @param folder empty; the archive is written into it
   * @return the archive
   */
  Path fetch(NativePackage wanted, Path folder)
      throws NativeLibrariesException, IOException, InterruptedException {
    Path npm =
        ExternalCommand.find(NPM, searchPath)
            .orElseThrow(
                () ->
                    new NativeLibrariesException(
                        "npm is not on the PATH, and llama.cpp "
                            + NativePackage.LLAMA_CPP_VERSION
                            + " comes as an npm package; install Node.js with npm, or "
                            + NativeLibraries.OVERRIDE_REMEDY));
    Files.writeString(folder.resolve("package.json"), "{\"private\": true}\n");
    List<String> command =
        List.of(
            npm.toString(),
            "pack",
            wanted.npmSpec(),
            "--pack-destination",
            folder.toString(),
            "--ignore-scripts",
            "--no-update-notifier");
    ExternalCommand.Result result = ExternalCommand.run(command, folder, searchPath, timeout);
    if (!result.succeeded()) {
      throw failed(wanted, result);
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> archives = files.filter(file -> file.toString().endsWith(".tgz")).toList();
      if (archives.size() != 1) {
        throw failed(wanted, result);
      }
      return archives.get(0);
    }
  }

  private NativeLibrariesException failed(NativePackage wanted, ExternalCommand.Result result) {
    String ending =
        result.exitCode().isEmpty()
            ? "took longer than " + timeout.toSeconds() + " s"
            : "ended with status " + result.exitCode().get() + " (" + reason(result) + ")";
    return new NativeLibrariesException(
        "npm pack "
            + wanted.npmSpec()
            + " "
            + ending
            + "; check npm's registry and proxy settings, or "
            + NativeLibraries.OVERRIDE_REMEDY);
  }

  /** npm says what went wrong in its first error lines and ends with where its log is. */
  private static String reason(ExternalCommand.Result result) {
    String errors =
        result
            .output()
            .lines()
            .map(ERROR_LINE::matcher)
            .filter(Matcher::matches)
            .map(line -> line.group(1))
            .filter(text -> !text.isEmpty() && !text.startsWith("A complete log"))
            .limit(2)
            .collect(Collectors.joining(", "));
    return errors.isEmpty() ? result.lastLine() : errors;
  }
}

package ai.falaj.jobs.sql;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj sql}: a script of SQL statements. */
@Command(
    name = "sql",
    description = "Run a script of Flink SQL statements, with the model provider 'falaj'.",
    footer = {
      "",
      "Example: falaj sql examples/sql/classify.sql",
      "Flink runs in this process unless --flink names a cluster. INSERT statements are waited for;",
      "SELECT prints its rows, with --json as one object each. See docs/SQL.md."
    })
public final class SqlCommand extends FalajCommand {

  @Parameters(paramLabel = "FILE", description = "The script.")
  private Path file;

  @Option(
      names = "--flink",
      paramLabel = "URL",
      description =
          "REST API of a cluster that has the jars of docs/SQL.md (default: this process).")
  private URI flink;

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Parallelism of the statements (default: the cores; of a cluster, its own).")
  private int parallelism;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "A setting of Flink, as SET in the script; may be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  protected int run(Console console) throws IOException {
    String script = script();
    Map<String, String> all = new LinkedHashMap<>(target());
    all.putAll(settings);
    PrintWriter out = spec().commandLine().getOut();
    Consumer<String> results =
        line -> {
          out.println(line);
          out.flush();
        };
    try {
      SqlRunner.run(script, file.toString(), all, console.isJson(), results, console::note);
      return ExitCodes.OK;
    } catch (SqlScriptException e) {
      throw e.isMistake()
          ? CliException.usage(e)
          : CliException.failure(e.getMessage(), "see the log, or run it again with --verbose", e);
    }
  }

  private String script() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw CliException.usage("there is no file " + file, "name a script of SQL statements");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw CliException.usage(file + " is not UTF-8", "save it as UTF-8", e);
    }
  }

  /** Where statements run. */
  private Map<String, String> target() {
    Map<String, String> target = new LinkedHashMap<>();
    if (parallelism < 0) {
      throw CliException.usage(
          "--parallelism is " + parallelism, "choose 1 or more, or leave it out");
    }
    if (parallelism > 0 || flink == null) {
      int number = parallelism > 0 ? parallelism : Runtime.getRuntime().availableProcessors();
      target.put("parallelism.default", String.valueOf(number));
    }
    if (flink != null) {
      if (flink.getHost() == null || flink.getPort() < 0) {
        throw CliException.usage("--flink is " + flink, "write it as http://HOST:PORT");
      }
      target.put("execution.target", "remote");
      target.put("rest.address", flink.getHost());
      target.put("rest.port", String.valueOf(flink.getPort()));
    }
    return target;
  }
}

package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.FalajDirectories;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FalajTest {

  @TempDir private Path cache;

  @Test
  void printsVersionsForPeople() {
    CliRun run = CliRun.of(cache, "version");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("falaj ").contains("flink         2.3.0");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void printsOneJsonDocumentForMachines() throws IOException {
    CliRun run = CliRun.of(cache, "version", "--json");

    JsonNode document = new ObjectMapper().readTree(run.out());
    assertThat(document.get("flink").asText()).isEqualTo("2.3.0");
    assertThat(run.out().lines()).hasSize(1);
  }

  @Test
  void takesSharedOptionsBeforeTheCommandToo() {
    assertThat(CliRun.of(cache, "--json", "version").out()).startsWith("{");
  }

  @Test
  void answersDashDashVersion() {
    assertThat(CliRun.of(cache, "--version").out()).startsWith("falaj ");
  }

  @Test
  void showsHelpAndFailsWithoutACommand() {
    CliRun run = CliRun.of(cache);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("Usage: falaj").contains("doctor");
  }

  @Test
  void namesAnUnknownOptionInOneLine() {
    assertOneLine(CliRun.of(cache, "version", "--nonsense"), "--nonsense", "falaj version --help");
  }

  @Test
  void namesAnUnknownCommandInOneLine() {
    assertOneLine(
        CliRun.of(cache, "vresion"), "vresion", "did you mean 'version'?", "falaj --help");
  }

  @Test
  void namesAValueOfTheWrongTypeInOneLine() {
    assertOneLine(CliRun.of(cache, "up", "--kafka-port", "ninety"), "ninety", "--kafka-port");
  }

  @Test
  void refusesNoPartitions() {
    assertOneLine(CliRun.of(cache, "up", "--partitions", "0"), "--partitions is 0");
  }

  @Test
  void refusesOnePortForTwoServers() {
    assertOneLine(
        CliRun.of(cache, "up", "--no-job", "--kafka-port", "9555", "--registry-port", "9555"),
        "--kafka-port and --registry-port are both 9555");
  }

  @Test
  void refusesAPortBeyondTheLast() {
    assertOneLine(
        CliRun.of(cache, "up", "--no-job", "--kafka-port", "70000"), "port 70000", "--kafka-port");
  }

  @Test
  void refusesMoreParallelismThanSlots() {
    assertOneLine(CliRun.of(cache, "up", "--parallelism", "5"), "--parallelism is 5 and --slots 4");
  }

  @Test
  void namesTheOptionThatAMisspeltSettingMeant() {
    assertOneLine(
        CliRun.of(cache, "up", "-D", "falaj.modle=x"), "falaj.modle", "did you mean falaj.model?");
  }

  @Test
  void refusesAModelThatIsNowhere() {
    assertOneLine(
        CliRun.of(cache, "up", "--model", cache + "/absent.gguf"), "absent.gguf does not exist");
  }

  @Test
  void namesATakenPortItsHolderAndTheRemedy() throws IOException {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(holder.getLocalPort());

      CliRun run =
          CliRun.of(
              cache, "up", "--no-job", "--kafka-port", port, "--registry-port=0", "--flink-port=0");

      assertOneLine(run, "port " + port + " is taken", "choose another with --kafka-port");
      if (Files.isDirectory(Path.of("/proc/net"))) {
        assertThat(run.err()).contains("by pid " + ProcessHandle.current().pid());
      }
    }
  }

  @Test
  void saysWhatIsMissingWithoutAnInstallation() {
    FalajDirectories nowhere = new FalajDirectories(Optional.empty(), cache);

    assertOneLine(CliRun.of(nowhere, "up", "--no-job"), "files are not known", "launcher");
  }

  @Test
  void saysHowToBuildMissingFilesOfTheBroker() {
    FalajDirectories empty = new FalajDirectories(Optional.of(cache), cache.resolve("cache"));

    assertOneLine(
        CliRun.of(empty, "up", "--no-job", "--kafka-port=0", "--registry-port=0", "--flink-port=0"),
        "the broker's jars are not in",
        "mvn");
  }

  @Test
  void explainsTheUnexpectedInOneLineAndShowsTracesOnlyWhenAsked() {
    CliRun quiet = runFailing("fail");
    CliRun verbose = runFailing("fail", "--verbose");

    assertThat(quiet.exitCode()).isEqualTo(ExitCodes.FAILURE);
    assertThat(quiet.err().lines()).hasSize(1);
    assertThat(quiet.err())
        .startsWith("falaj: unexpected IllegalStateException: broken invariant")
        .contains("trace is in")
        .doesNotContain("\tat ");
    assertThat(verbose.err()).contains("\tat ");
  }

  @Test
  void printsACompletionScriptThatKnowsTheCommands() {
    CliRun run = CliRun.of(cache, "completion");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("#!").contains("complete -F").contains("doctor");
  }

  @Test
  void printsACompletionScriptThatBashAccepts() throws IOException, InterruptedException {
    Path script =
        Files.writeString(cache.resolve("completion"), CliRun.of(cache, "completion").out());
    Process bash =
        new ProcessBuilder("bash", "-n", script.toString()).redirectErrorStream(true).start();

    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(bash.waitFor()).as(output).isZero();
  }

  /** Every command's help names its options; none is left without a description. */
  @Test
  void describesEveryOptionOfEveryCommand() {
    assertDescribed(commandLine());
  }

  private static void assertDescribed(CommandLine command) {
    assertThat(command.getCommandSpec().usageMessage().description())
        .as(command.getCommandName())
        .isNotEmpty();
    command
        .getCommandSpec()
        .options()
        .forEach(option -> assertThat(option.description()).as(option.longestName()).isNotEmpty());
    command.getSubcommands().values().forEach(FalajTest::assertDescribed);
  }

  private CommandLine commandLine() {
    return Falaj.commandLine(
        new PrintWriter(new StringWriter()),
        new PrintWriter(new StringWriter()),
        TerminalSettings.none(),
        new FalajDirectories(Optional.empty(), cache));
  }

  @CommandLine.Command(name = "fail", description = "Fails.")
  private static final class FailingCommand extends FalajCommand {
    @Override
    protected int run(Console console) {
      throw new IllegalStateException("broken\ninvariant");
    }
  }

  private CliRun runFailing(String... args) {
    StringWriter err = new StringWriter();
    CommandLine falaj =
        Falaj.commandLine(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            TerminalSettings.none(),
            new FalajDirectories(Optional.empty(), cache));
    falaj.addSubcommand(new FailingCommand());
    falaj.setErr(new PrintWriter(err));
    ErrorReporter errors = new ErrorReporter(new FalajDirectories(Optional.empty(), cache));
    falaj.setExecutionExceptionHandler(errors);
    return new CliRun(falaj.execute(args), "", err.toString());
  }

  private static void assertOneLine(CliRun run, String... parts) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("falaj: ").contains(parts);
    assertThat(run.err().lines()).hasSize(1);
  }
}

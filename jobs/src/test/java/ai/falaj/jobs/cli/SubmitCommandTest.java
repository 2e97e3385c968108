package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmitCommandTest {

  private static final String JOB_ID = "0123456789abcdef0123456789abcdef";

  @TempDir private Path directory;
  private Path jar;

  /** A JobManager that knows the four calls of a submission. */
  private HttpServer flink;

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private volatile String runBody = "";
  private volatile String uploadBody = "";
  private volatile String runAnswer = "{\"jobid\":\"" + JOB_ID + "\"}";
  private volatile int runStatus = 200;

  @BeforeEach
  void startFlink() throws IOException {
    jar = Files.writeString(directory.resolve("some-job.jar"), "the jar's bytes");
    flink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    flink.createContext("/", this::answer);
    flink.start();
  }

  @AfterEach
  void stopFlink() {
    flink.stop(0);
  }

  @Test
  void uploadsRunsAndDeletesTheJar() throws IOException {
    CliRun run =
        submit("--json", "-p", "3", "-s", "/sp/1", "-D", "falaj.model=/m.gguf", "-D", "a.b=c=d");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertThat(document.get("jobId").asText()).isEqualTo(JOB_ID);
    assertThat(document.get("url").asText())
        .isEqualTo(url() + "/#/job/running/" + JOB_ID + "/overview");
    assertThat(calls)
        .containsExactly(
            "GET /config",
            "POST /jars/upload",
            "POST /jars/17_some-job.jar/run",
            "DELETE /jars/17_some-job.jar");
    assertThat(uploadBody)
        .contains("name=\"jarfile\"; filename=\"some-job.jar\"", "the jar's bytes");
    JsonNode sent = new ObjectMapper().readTree(runBody);
    assertThat(sent.get("entryClass").asText()).isEqualTo("ai.falaj.jobs.completion.CompletionJob");
    assertThat(sent.get("parallelism").asInt()).isEqualTo(3);
    assertThat(sent.get("savepointPath").asText()).isEqualTo("/sp/1");
    assertThat(sent.get("flinkConfiguration").get("falaj.model").asText()).isEqualTo("/m.gguf");
    assertThat(sent.get("flinkConfiguration").get("a.b").asText()).isEqualTo("c=d");
  }

  @Test
  void runsTheReasoningJobWhereThatIsAskedFor() throws IOException {
    CliRun run = submit("--job", "reasoning", "-D", "falaj.topic.prompts=questions");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode sent = new ObjectMapper().readTree(runBody);
    assertThat(sent.get("entryClass").asText()).isEqualTo("ai.falaj.jobs.reasoning.ReasoningJob");
    assertThat(sent.get("flinkConfiguration").get("falaj.topic.prompts").asText())
        .isEqualTo("questions");
  }

  @Test
  void runsTheAnalyticsJobWhereThatIsAskedFor() throws IOException {
    CliRun run = submit("--job", "analytics");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(new ObjectMapper().readTree(runBody).get("entryClass").asText())
        .isEqualTo("ai.falaj.jobs.analytics.AnalyticsJob");
  }

  @Test
  void printsJobAndLinkForPeople() {
    assertThat(submit().out()).startsWith("Job " + JOB_ID + " runs: http://");
  }

  @Test
  void quotesTheInnermostCauseOfARefusalAndDeletesTheJarAllTheSame() {
    runStatus = 400;
    runAnswer =
        "{\"errors\":[\"Internal server error.\",\"java.util.X: outer\\n\\tat a\\nCaused by: m\\n\\tat"
            + " b\\nCaused by: java.lang.IllegalArgumentException: falaj.model is not set\\n\\tat c\"]}";

    CliRun run = submit();

    assertThat(run.exitCode()).isEqualTo(ExitCodes.FAILURE);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("status 400: falaj.model is not set");
    assertThat(calls).last().isEqualTo("DELETE /jars/17_some-job.jar");
  }

  @Test
  void keepsTheNameOfAnErrorThatSaysLittleByItself() {
    runStatus = 500;
    runAnswer = "{\"errors\":[\"Caused by: java.lang.NoClassDefFoundError: a/B\"]}";

    assertThat(submit().err()).contains("status 500: java.lang.NoClassDefFoundError: a/B");
  }

  @Test
  void goesToTheRunningLocalStackAndTakesItsAddressesUnlessOthersAreGiven() throws IOException {
    Path state = Files.createDirectories(directory.resolve("stack"));
    Files.writeString(
        state.resolve("stack.json"),
        "{\"bootstrapServers\":\"k:1\",\"schemaRegistryUrl\":\"http://r\",\"flinkUrl\":\"%s\",\"pid\":%d,\"processStartMs\":0}"
            .formatted(url(), ProcessHandle.current().pid()));

    CliRun run =
        CliRun.of(directory, "submit", "--jar", jar.toString(), "-Dfalaj.bootstrap.servers=mine:2");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode sent = new ObjectMapper().readTree(runBody).get("flinkConfiguration");
    assertThat(sent.get("falaj.schema-registry.url").asText()).isEqualTo("http://r");
    assertThat(sent.get("falaj.bootstrap.servers").asText()).isEqualTo("mine:2");
  }

  @Test
  void saysThatNobodyAnswers() {
    String url = url();
    flink.stop(0);

    assertRefused(submitTo(url), "Flink does not answer at " + url, "--flink");
  }

  @Test
  void saysThatSomethingElseAnswers() {
    assertRefused(submitTo(url() + "/elsewhere"), "is no Flink");
  }

  @Test
  void refusesAUrlWithoutAScheme() {
    assertRefused(submitTo("localhost:8081"), "--flink is localhost:8081", "http://");
  }

  @Test
  void saysThatNoLocalStackRuns() {
    assertRefused(CliRun.of(directory, "submit", "--jar", jar.toString()), "no local stack runs");
  }

  @Test
  void saysThatTheJarIsMissing() {
    assertRefused(
        CliRun.of(directory, "submit", "--flink", url(), "--jar", directory + "/absent.jar"),
        "absent.jar does not exist");
  }

  private CliRun submit(String... more) {
    String[] args = new String[more.length + 5];
    System.arraycopy(
        new String[] {"submit", "--flink", url(), "--jar", jar.toString()}, 0, args, 0, 5);
    System.arraycopy(more, 0, args, 5, more.length);
    return CliRun.of(directory, args);
  }

  private CliRun submitTo(String url) {
    return CliRun.of(directory, "submit", "--flink", url, "--jar", jar.toString());
  }

  private String url() {
    return "http://localhost:" + flink.getAddress().getPort();
  }

  private static void assertRefused(CliRun run, String... parts) {
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("falaj: ").contains(parts);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    calls.add(exchange.getRequestMethod() + " " + path);
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (path.equals("/config")) {
      respond(exchange, 200, "{\"flink-version\":\"2.3.0\"}");
    } else if (path.equals("/jars/upload")) {
      uploadBody = body;
      respond(exchange, 200, "{\"filename\":\"/tmp/web/17_some-job.jar\",\"status\":\"success\"}");
    } else if (path.endsWith("/run")) {
      runBody = body;
      respond(exchange, runStatus, runAnswer);
    } else if (path.startsWith("/jars/")) {
      respond(exchange, 200, "{}");
    } else {
      respond(exchange, 404, "<html>Not found</html>");
    }
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}

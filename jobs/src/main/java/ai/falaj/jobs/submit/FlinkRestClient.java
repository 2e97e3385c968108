package ai.falaj.jobs.submit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The few calls of Flink's REST API that submit a jar, watch a job and rescale it. Redirects are
 * followed: a standby JobManager sends to the leader. Any thread.
 */
public final class FlinkRestClient {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  /** An upload over a slow line; a run, whose main method reads from a broker and a registry. */
  private static final Duration LONG_ANSWER_LIMIT = Duration.ofMinutes(5);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Says less than the message that follows it. */
  private static final String STANDARD_EXCEPTION =
      "^java\\.lang\\.Illegal(Argument|State)Exception: ";

  private static final int FIRST_ERROR_STATUS = 400;

  private final URI flink;
  private final HttpClient client;

  /**
   * @param flink the cluster's URL, as its web UI is opened with
   */
  public FlinkRestClient(URI flink) {
    this.flink = URI.create(flink.toString().replaceFirst("/+$", ""));
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  /**
   * What to run.
   *
   * @param mainClass whose main method submits the job
   * @param configuration settings of the job, over those of the cluster
   * @param parallelism 0 leaves it to the configuration
   * @param savepoint to start from; null for none
   */
  public record RunRequest(
      String mainClass, Map<String, String> configuration, int parallelism, String savepoint) {
    public RunRequest {
      configuration = Map.copyOf(configuration);
    }
  }

  /** The cluster's Flink version. */
  public String version() throws InterruptedException {
    return send(request("/config", ANSWER_LIMIT).GET()).path("flink-version").asText();
  }

  /** Uploads a jar and returns the id that the cluster gives it. */
  public String upload(Path jar) throws IOException, InterruptedException {
    String boundary = "falaj-" + UUID.randomUUID();
    BodyPublisher body =
        BodyPublishers.concat(
            BodyPublishers.ofString(
                "--"
                    + boundary
                    + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\""
                    + jar.getFileName()
                    + "\"\r\nContent-Type: application/x-java-archive\r\n\r\n"),
            BodyPublishers.ofFile(jar),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    JsonNode answer =
        send(
            request("/jars/upload", LONG_ANSWER_LIMIT)
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(body));
    String file = answer.path("filename").asText();
    return file.substring(file.lastIndexOf('/') + 1);
  }

  /** Runs a main class of the jar and returns the job's id. */
  public String run(String jarId, RunRequest run) throws InterruptedException {
    ObjectNode body = MAPPER.createObjectNode();
    body.put("entryClass", run.mainClass());
    if (run.parallelism() > 0) {
      body.put("parallelism", run.parallelism());
    }
    if (run.savepoint() != null) {
      body.put("savepointPath", run.savepoint());
    }
    body.set("flinkConfiguration", MAPPER.valueToTree(run.configuration()));
    JsonNode answer =
        send(
            request("/jars/" + jarId + "/run", LONG_ANSWER_LIMIT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    return answer.path("jobid").asText();
  }

  /** Deletes an uploaded jar; the jobs that run from it keep their copy. */
  public void delete(String jarId) throws InterruptedException {
    send(request("/jars/" + jarId, ANSWER_LIMIT).DELETE());
  }

  /** Whether every task of a job has been opened and runs; false while it is being deployed. */
  public boolean areAllTasksRunning(String jobId) throws InterruptedException {
    return runningParallelism(jobId).isPresent();
  }

  /**
   * Highest parallelism of a job's operators; empty while one of their tasks does not run, as
   * during deployment.
   */
  public OptionalInt runningParallelism(String jobId) throws InterruptedException {
    OptionalInt highest = OptionalInt.empty();
    for (JsonNode vertex : send(request("/jobs/" + jobId, ANSWER_LIMIT).GET()).path("vertices")) {
      int parallelism = vertex.path("parallelism").asInt();
      if (vertex.path("tasks").path("RUNNING").asInt() != parallelism) {
        return OptionalInt.empty();
      }
      highest = OptionalInt.of(Math.max(highest.orElse(0), parallelism));
    }
    return highest;
  }

  /** TaskManagers that have announced themselves to the JobManager. */
  public int registeredTaskManagers() throws InterruptedException {
    return send(request("/overview", ANSWER_LIMIT).GET()).path("taskmanagers").asInt();
  }

  /** State of a job in Flink's words, such as RUNNING or FAILED. */
  public String jobState(String jobId) throws InterruptedException {
    return send(request("/jobs/" + jobId, ANSWER_LIMIT).GET()).path("state").asText();
  }

  /**
   * When the newest completed checkpoint was triggered, in ms since 1970; empty before the first
   * that this JobManager has seen.
   */
  public OptionalLong lastCheckpointTriggeredMs(String jobId) throws InterruptedException {
    JsonNode triggered =
        send(request("/jobs/" + jobId + "/checkpoints", ANSWER_LIMIT).GET())
            .path("latest")
            .path("completed")
            .path("trigger_timestamp");
    return triggered.isNumber() ? OptionalLong.of(triggered.asLong()) : OptionalLong.empty();
  }

  /**
   * Changes the parallelism of a running job, which needs the adaptive scheduler. Returns before it
   * is changed; the job takes what slots there are up to that many.
   */
  public void rescale(String jobId, int parallelism) throws InterruptedException {
    String path = "/jobs/" + jobId + "/resource-requirements";
    JsonNode requirements = send(request(path, ANSWER_LIMIT).GET());
    for (JsonNode vertex : requirements) {
      ((ObjectNode) vertex.path("parallelism")).put("upperBound", parallelism);
    }
    send(
        request(path, ANSWER_LIMIT)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(requirements.toString())));
  }

  /**
   * What the API answers at a path, for figures that no other call here tells.
   *
   * @param path from the first slash on, such as {@code /jobs/overview}
   */
  public JsonNode get(String path) throws InterruptedException {
    return send(request(path, ANSWER_LIMIT).GET());
  }

  /** The page of a job in the web UI. */
  public URI jobPage(String jobId) {
    return URI.create(flink + "/#/job/running/" + jobId + "/overview");
  }

  private HttpRequest.Builder request(String path, Duration limit) {
    return HttpRequest.newBuilder(URI.create(flink + path)).timeout(limit);
  }

  private JsonNode send(HttpRequest.Builder builder) throws InterruptedException {
    HttpRequest request = builder.build();
    HttpResponse<String> response;
    try {
      response = client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw FlinkRestException.unreachable(
          "Flink does not answer at " + flink + " (" + reason + ")", e);
    }
    JsonNode answer = parse(response);
    if (response.statusCode() >= FIRST_ERROR_STATUS) {
      throw FlinkRestException.refused(
          "Flink at "
              + flink
              + " refuses with status "
              + response.statusCode()
              + ": "
              + reason(answer));
    }
    return answer;
  }

  private JsonNode parse(HttpResponse<String> response) {
    try {
      return MAPPER.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw FlinkRestException.unreachable(
          "what answers at " + flink + " with status " + response.statusCode() + " is no Flink", e);
    }
  }

  /** The innermost cause of the trace that Flink sends as its error. */
  private static String reason(JsonNode answer) {
    List<String> lines = lines(answer.path("errors"));
    return lines.stream()
        .filter(line -> line.startsWith("Caused by: "))
        .reduce((outer, inner) -> inner)
        .map(line -> line.substring("Caused by: ".length()).replaceFirst(STANDARD_EXCEPTION, ""))
        .or(() -> lines.stream().findFirst())
        .orElse("no reason given");
  }

  private static List<String> lines(JsonNode errors) {
    StringBuilder all = new StringBuilder();
    errors.forEach(error -> all.append(error.asText()).append('\n'));
    return all.toString().lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}

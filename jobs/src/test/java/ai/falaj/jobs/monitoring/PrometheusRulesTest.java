package ai.falaj.jobs.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.falaj.jobs.web.NodeScripts;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules, alerts and the Grafana dashboard: that they work, and speak of metrics that there are. */
class PrometheusRulesTest {

  private static final Path HOME = Path.of(System.getProperty("falaj.home"));
  private static final Path RULES = HOME.resolve("docker/prometheus");
  private static final Pattern METRIC = Pattern.compile("flink_[A-Za-z0-9_]+");
  private static final String OF_OPERATORS = "flink_taskmanager_job_task_operator_";
  private static final long LIMIT_S = 60;

  /** Of Flink and its connectors, as its documentation lists them. */
  private static final Set<String> FLINKS =
      Set.of(
          "flink_jobmanager_job_uptime",
          "flink_jobmanager_job_numRestarts",
          "flink_jobmanager_job_numberOfFailedCheckpoints",
          "flink_jobmanager_job_lastCheckpointDuration",
          "flink_taskmanager_Status_JVM_Memory_Heap_Used",
          "flink_taskmanager_Status_JVM_CPU_Load",
          OF_OPERATORS + "pendingRecords");

  /** Groups stand between the operator's scope and a metric's name. */
  private static final List<String> GROUPS =
      List.of("finished_reason_", "code_", "tenant_", "model_name_");

  @Test
  void rulesFireWhenTheyShouldAndOnlyThen() throws Exception {
    NodeScripts.onPath("promtool").orElseGet(() -> abort("skipped: no promtool on the PATH"));

    run("promtool", "check", "rules", "alerts.yml", "gen-ai.yml");
    run("promtool", "test", "rules", "rules.test.yml");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(RULES.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(LIMIT_S, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }

  @Test
  void everyMetricThatIsAskedForIsOneThatThereIs() throws IOException {
    Set<String> documented = documented();
    List<String> unknown = new ArrayList<>();
    for (Path file :
        List.of(
            RULES.resolve("alerts.yml"),
            RULES.resolve("gen-ai.yml"),
            HOME.resolve("docker/grafana/dashboards/falaj.json"))) {
      METRIC
          .matcher(Files.readString(file))
          .results()
          .map(MatchResult::group)
          .filter(name -> !FLINKS.contains(name) && !documented.contains(withoutScope(name)))
          .forEach(name -> unknown.add(file.getFileName() + ": " + name));
    }

    assertThat(unknown).isEmpty();
  }

  private static String withoutScope(String name) {
    String own = name.startsWith(OF_OPERATORS) ? name.substring(OF_OPERATORS.length()) : name;
    return GROUPS.stream()
        .filter(own::startsWith)
        .findFirst()
        .map(group -> own.substring(group.length()))
        .orElse(own);
  }

  private static Set<String> documented() throws IOException {
    Set<String> names = new HashSet<>();
    for (String line : Files.readAllLines(HOME.resolve("docs/METRICS.md"))) {
      if (line.startsWith("| `")) {
        Pattern.compile("`([a-z0-9_]+)`")
            .matcher(line.split("\\|")[1])
            .results()
            .forEach(found -> names.add(found.group(1)));
      }
    }
    return names;
  }

  @Test
  void everyAlertNamesAPartOfTheRunbook() throws IOException {
    Set<String> parts = new HashSet<>();
    for (String line : Files.readAllLines(HOME.resolve("docs/RUNBOOK.md"))) {
      if (line.startsWith("#")) {
        String title = line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT);
        parts.add("docs/RUNBOOK.md#" + title.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'));
      }
    }
    JsonNode rules =
        new ObjectMapper(new YAMLFactory())
            .readTree(RULES.resolve("alerts.yml").toFile())
            .at("/groups/0/rules");

    assertThat(rules).hasSizeGreaterThan(5);
    for (JsonNode rule : rules) {
      assertThat(parts)
          .as(rule.get("alert").asText())
          .contains(rule.at("/annotations/runbook").asText());
    }
  }
}

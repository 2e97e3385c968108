package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.ShadowOptions;
import ai.falaj.operators.routing.Route;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingSettingsTest {

  private static final Set<String> MODELS = Set.of("k2");
  private static final CatalogSpec CATALOG =
      new CatalogSpec(
          Map.of(
              "k2", FakeRuntimeSpec.builder("k2").build(),
              "canary", FakeRuntimeSpec.builder("canary").build()),
          "k2");

  private static Configuration with(String... keysAndValues) {
    Map<String, String> all = new HashMap<>();
    all.put("falaj.bootstrap.servers", "broker:9092");
    all.put("falaj.schema-registry.url", "http://registry:8081");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      all.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Configuration.fromMap(all);
  }

  private static List<String> vertices(Configuration config) {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
    env.setParallelism(2);
    CompletionJob.build(env, config, CATALOG);
    assertThat(env.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .doesNotContainNull()
        .doesNotHaveDuplicates();
    List<String> names = new ArrayList<>();
    for (JobVertex vertex : env.getStreamGraph().getJobGraph().getVertices()) {
      names.add(vertex.getName());
    }
    return names;
  }

  @Test
  void defaults() {
    RoutingSettings settings = RoutingSettings.from(with(), MODELS);
    assertThat(settings.isRouted()).isFalse();
    assertThat(settings.mayShadow()).isFalse();
    assertThat(settings.shadowTopic()).isEqualTo("falaj.shadows");
    assertThat(settings.shadow()).isEqualTo(ShadowOptions.DEFAULT);
  }

  @Test
  void mapsEveryOption() {
    Configuration config =
        with(
            "falaj.routes.topic", "control",
            "falaj.routes.k2", "k2:90,canary:10 shadow canary:5",
            "falaj.routes.default", "canary",
            "falaj.shadow.topic", "copies",
            "falaj.shadow.max-in-flight", "3",
            "falaj.shadow.timeout", "7 s");
    RoutingSettings settings = RoutingSettings.from(config, CATALOG.models());
    assertThat(settings)
        .isEqualTo(
            new RoutingSettings(
                Map.of(
                    "k2", Route.parse("k2:90,canary:10 shadow canary:5"),
                    "default", Route.parse("canary:1")),
                Optional.of("control"),
                "copies",
                new ShadowOptions(3, Duration.ofSeconds(7))));
    assertThat(CompletionSettings.from(config).jobName()).isEqualTo("falaj-completions");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.routes.k2|k2:1,gone:1|falaj.routes.k2 names model 'gone' and the job serves k2; name those, or configure falaj.models.gone.model
          falaj.routes.k2|k2:0|falaj.routes.k2: no target has a weight above 0; give one of them a part of the requests
          falaj.routes.topic|falaj.chunks|falaj.topic.chunks and falaj.routes.topic are both 'falaj.chunks'; give each its own topic
          falaj.routes.topic|falaj.shadows|falaj.shadow.topic and falaj.routes.topic are both 'falaj.shadows'; give each its own topic
          falaj.shadow.max-in-flight|0|falaj.shadow.*: maxInFlight is 0; it must be 1 or more
          falaj.shadow.timeout|0 s|falaj.shadow.*: timeout is PT0S; it must be more than 0
          """)
  void refusesWhatCannotWork(String key, String value, String message) {
    assertThatThrownBy(() -> RoutingSettings.from(with(key, value), MODELS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          falaj.shadow.topic|alerts|falaj.topic.prompts and falaj.shadow.topic are both 'alerts'; give each its own topic
          falaj.routes.topic|tickets|falaj.topic.prompts and falaj.routes.topic are both 'tickets'; give each its own topic
          falaj.shadow.topic|falaj.tool-requests|falaj.topic.tool-requests and falaj.shadow.topic are both 'falaj.tool-requests'; give each its own topic
          """)
  void noTopicOfRoutesIsOneOfThePrompts(String key, String value, String message) {
    Configuration config =
        with(
            "falaj.topic.prompts",
            "tickets, alerts",
            "falaj.tools.enabled",
            "true",
            "falaj.routes.k2",
            "k2:1 shadow canary:5",
            key,
            value);
    assertThatThrownBy(() -> RoutingSettings.from(config, CATALOG.models()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void aWrongRouteAddsNothingToTheEnvironment() {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
    assertThatThrownBy(() -> CompletionJob.build(env, with("falaj.routes.k2", "gone:1"), CATALOG))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(env.getTransformations()).isEmpty();
  }

  @Test
  void withoutRoutesTheGraphIsOneChainWithoutThem() {
    assertThat(vertices(with()))
        .singleElement()
        .satisfies(name -> assertThat(name).doesNotContain("routing"));
  }

  @Test
  void routesThatStayAreChainedToTheSourceAndSoAreTheirShadows() {
    assertThat(vertices(with("falaj.routes.k2", "k2:9,canary:1 shadow canary:5")))
        .singleElement()
        .satisfies(
            name ->
                assertThat(name)
                    .contains(
                        "routing -> ", "inference with canary, k2", "shadow -> falaj.shadows"));
    assertThat(vertices(with("falaj.routes.k2", "k2:9,canary:1")))
        .singleElement()
        .satisfies(name -> assertThat(name).doesNotContain("shadow"));
  }

  @ParameterizedTest
  @CsvSource({
    "falaj.inference.result-order, unordered",
    "falaj.inference.result-order, key_ordered",
    "falaj.prompts.distribution, balanced"
  })
  void routesThatChangeStandInOneChainWithTheInferenceBehindAnExchange(String key, String value) {
    Configuration config = with("falaj.routes.topic", "falaj.routes", key, value);
    assertThat(vertices(config))
        .hasSize(3)
        .anyMatch(name -> name.startsWith("Source: falaj.prompts"))
        .anyMatch(name -> name.contains("falaj.routes -> routes for all"))
        .anyMatch(
            name ->
                name.startsWith("routing -> ")
                    && name.contains("inference with canary, k2")
                    && name.contains("falaj.shadows"));

    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
    env.setParallelism(2);
    CompletionJob.build(env, config, CATALOG);
    assertThat(env.getConfiguration().get(CheckpointingOptions.ENABLE_UNALIGNED)).isTrue();
    assertThat(env.getStreamGraph().getStreamNodes())
        .filteredOn(node -> "routing".equals(node.getTransformationUID()))
        .flatExtracting(StreamNode::getInEdges)
        .hasSizeGreaterThan(1)
        .allMatch(StreamEdge::supportsUnalignedCheckpoints);
  }
}

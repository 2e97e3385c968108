package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.CircuitBreakerPolicy;
import ai.falaj.operators.ConversationOptions;
import ai.falaj.operators.Deduplication;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.ResultOrder;
import ai.falaj.operators.RetryPolicy;
import ai.falaj.operators.Timeouts;
import ai.falaj.operators.ToolOptions;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionSettingsTest {

  /** What has no default. */
  private static final Map<String, String> REQUIRED =
      Map.of(
          "falaj.bootstrap.servers", "broker:9092",
          "falaj.schema-registry.url", "http://registry:8081");

  private static Configuration with(String... keysAndValues) {
    Map<String, String> all = new HashMap<>(REQUIRED);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      all.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Configuration.fromMap(all);
  }

  @Test
  void defaults() {
    CompletionSettings settings = CompletionSettings.from(with());

    assertThat(settings.jobName()).isEqualTo("falaj-completions");
    assertThat(settings.bootstrapServers()).isEqualTo("broker:9092");
    assertThat(settings.registry().urls()).containsExactly("http://registry:8081");
    assertThat(settings.autoRegisterSchemas()).isTrue();
    assertThat(settings.promptsTopic()).isEqualTo("falaj.prompts");
    assertThat(settings.chunksTopic()).isEqualTo("falaj.chunks");
    assertThat(settings.completionsTopic()).isEqualTo("falaj.completions");
    assertThat(settings.deadLettersTopic()).isEqualTo("falaj.dead-letters");
    assertThat(settings.groupId()).isEqualTo("falaj");
    assertThat(settings.startingOffsets()).isEqualTo(StartingOffsets.COMMITTED_OR_EARLIEST);
    assertThat(settings.inference()).isEqualTo(InferenceOptions.DEFAULT);
    assertThat(settings.chunksDelivery()).isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
    assertThat(settings.delivery()).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
    assertThat(settings.transactionTimeout()).isEqualTo(Duration.ofMinutes(15));
    assertThat(settings.checkpointInterval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.kafkaProperties()).isEmpty();
  }

  @Test
  void mapsEveryOption() {
    CompletionSettings settings =
        CompletionSettings.from(
            with(
                "falaj.job.name", "job",
                "falaj.schema-registry.auto-register", "false",
                "falaj.topic.prompts", "p",
                "falaj.topic.chunks", "k",
                "falaj.topic.completions", "c",
                "falaj.topic.dead-letters", "d",
                "falaj.group.id", "group",
                "falaj.starting-offsets", "latest",
                "falaj.inference.max-in-flight", "7",
                "falaj.inference.max-in-flight-tokens", "9000",
                "falaj.inference.default-max-tokens", "128",
                "falaj.inference.max-completion-size", "2 mb",
                "falaj.kafka.properties.max.request.size", "4194304",
                "falaj.inference.result-order", "key_ordered",
                "falaj.inference.retry.max-attempts", "5",
                "falaj.inference.retry.initial-backoff", "1 s",
                "falaj.inference.retry.max-backoff", "2 min",
                "falaj.inference.timeout.attempt", "4 min",
                "falaj.inference.timeout.total", "1 h",
                "falaj.inference.circuit-breaker.failures", "3",
                "falaj.inference.circuit-breaker.first-wait", "2 s",
                "falaj.inference.circuit-breaker.longest-wait", "9 s",
                "falaj.deduplication.time-to-live", "1 d",
                "falaj.deduplication.answer-again", "true",
                "falaj.conversations.time-to-live", "2 d",
                "falaj.conversations.max-tokens", "512",
                "falaj.tools.enabled", "true",
                "falaj.tools.timeout", "20 s",
                "falaj.tools.max-rounds", "4",
                "falaj.tools.on-timeout", "dead_letter",
                "falaj.tools.delivery-guarantee", "exactly-once",
                "falaj.topic.tool-requests", "tq",
                "falaj.topic.tool-responses", "ts",
                "falaj.inference.max-parked", "99",
                "falaj.chunks.enabled", "false",
                "falaj.chunks.delivery-guarantee", "none",
                "falaj.delivery-guarantee", "at-least-once",
                "falaj.transaction.timeout", "5 min",
                "falaj.checkpoint.interval", "3 s",
                "falaj.kafka.properties.security.protocol", "SSL",
                "falaj.schema-registry.properties.basic.auth.user.info", "user:secret"));

    assertThat(settings.jobName()).isEqualTo("job");
    assertThat(settings.autoRegisterSchemas()).isFalse();
    assertThat(
            List.of(
                settings.promptsTopic(),
                settings.chunksTopic(),
                settings.completionsTopic(),
                settings.deadLettersTopic()))
        .containsExactly("p", "k", "c", "d");
    assertThat(settings.groupId()).isEqualTo("group");
    assertThat(settings.startingOffsets()).isEqualTo(StartingOffsets.LATEST);
    assertThat(settings.inference())
        .isEqualTo(
            InferenceOptions.builder()
                .maxInFlight(7)
                .maxInFlightTokens(9000)
                .defaultMaxTokens(128)
                .order(ResultOrder.KEY_ORDERED)
                .maxCompletionBytes(2 << 20)
                .chunks(false)
                .retry(new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofMinutes(2)))
                .timeouts(new Timeouts(Duration.ofMinutes(4), Duration.ofHours(1)))
                .circuitBreaker(
                    new CircuitBreakerPolicy(3, Duration.ofSeconds(2), Duration.ofSeconds(9)))
                .deduplication(new Deduplication(Duration.ofDays(1), true))
                .conversations(ConversationOptions.truncating(Duration.ofDays(2), 512))
                .tools(
                    new ToolOptions(
                        true, Duration.ofSeconds(20), 4, ToolOptions.OnTimeout.DEAD_LETTER))
                .maxParked(99)
                .build());
    assertThat(settings.toolTopics())
        .isEqualTo(new ToolTopics("tq", "ts", DeliveryGuarantee.EXACTLY_ONCE));
    assertThat(settings.keyed()).isTrue();
    assertThat(settings.chunksDelivery()).isEqualTo(DeliveryGuarantee.NONE);
    assertThat(settings.delivery()).isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
    assertThat(settings.transactionTimeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.checkpointInterval()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.kafkaProperties())
        .containsOnly(
            Map.entry("security.protocol", "SSL"), Map.entry("max.request.size", "4194304"));
    assertThat(settings.registry().extra()).containsEntry("basic.auth.user.info", "user:secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"falaj.conversations.time-to-live|1 h|3600000 ms", "falaj.tools.enabled|true|true"})
  void whatBelongsToKeysNeedsThemTogether(String option, String value, String shown) {
    assertThat(CompletionSettings.from(with(option, value)).keyed()).isTrue();
    assertThatThrownBy(
            () ->
                CompletionSettings.from(
                    with(option, value, "falaj.prompts.distribution", "balanced")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(option + " is " + shown);
  }

  @Test
  void promptsComeFromSeveralTopicsThatAreNothingElse() {
    assertThat(CompletionSettings.from(with("falaj.topic.prompts", "a, b")).prompts().names())
        .containsExactly("a", "b");
    for (String topics : List.of("a,", "a,falaj.completions", "a,falaj.tool-responses")) {
      assertThatThrownBy(
              () ->
                  CompletionSettings.from(
                      with("falaj.topic.prompts", topics, "falaj.tools.enabled", "true")))
          .as(topics)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("falaj.topic.prompts");
    }
  }

  @Test
  void promptsComeFromAllTopicsOfAPattern() {
    CompletionSettings settings =
        CompletionSettings.from(with("falaj.topic.prompts-pattern", "tickets\\..*"));
    assertThat(settings.prompts())
        .isEqualTo(new PromptTopics(List.of(), Optional.of("tickets\\..*")));
    assertThat(settings.promptsTopic()).isEqualTo("tickets\\..*");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "falaj\\..*|falaj.job.name|x|falaj.topic.prompts-pattern is 'falaj\\..*', which matches"
            + " 'falaj.chunks' of falaj.topic.chunks; let it match topics of prompts only",
        "a(|falaj.job.name|x|falaj.topic.prompts-pattern is 'a(', which is no regular expression:"
            + " Unclosed group",
        "a.*|falaj.topic.prompts|a1|falaj.topic.prompts is a1 and falaj.topic.prompts-pattern is"
            + " a.*; set one of them"
      })
  void refusesAPatternThatCannotBeMeant(
      String pattern, String option, String value, String message) {
    assertThatThrownBy(
            () ->
                CompletionSettings.from(
                    with("falaj.topic.prompts-pattern", pattern, option, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void whatIsKeptOfAConversationLeavesRoomForAnAnswer() {
    assertThatThrownBy(
            () ->
                CompletionSettings.from(
                    with(
                        "falaj.conversations.time-to-live",
                        "1 h",
                        "falaj.conversations.max-tokens",
                        "4096")))
        .hasMessageContaining("falaj.conversations.max-tokens is 4096")
        .hasMessageContaining("falaj.runtime.context-tokens is 4096");
  }

  @Test
  void balancedPromptsHaveNoOrderAndNoMemoryOfKeys() {
    assertThat(
            CompletionSettings.from(with("falaj.prompts.distribution", "balanced")).distribution())
        .isEqualTo(PromptDistribution.BALANCED);
    assertThatThrownBy(
            () ->
                CompletionSettings.from(
                    with(
                        "falaj.prompts.distribution",
                        "balanced",
                        "falaj.inference.result-order",
                        "ordered")))
        .hasMessage(
            "falaj.prompts.distribution is BALANCED and falaj.inference.result-order is ORDERED;"
                + " set the second to UNORDERED, or the first to BY_PARTITION");
    assertThatThrownBy(
            () ->
                CompletionSettings.from(
                    with(
                        "falaj.prompts.distribution",
                        "balanced",
                        "falaj.deduplication.time-to-live",
                        "1 s")))
        .hasMessageContaining("falaj.deduplication.time-to-live is 1000 ms; set the second to 0");
  }

  @Test
  void showsNoSecret() {
    CompletionSettings settings =
        CompletionSettings.from(with("falaj.kafka.properties.sasl.jaas.config", "password=secret"));
    assertThat(settings.toString()).doesNotContain("secret");
  }

  @Test
  void flinksCheckpointIntervalCountsWhereTheJobsIsNotSet() {
    assertThat(
            CompletionSettings.from(with("execution.checkpointing.interval", "4 s"))
                .checkpointInterval())
        .isEqualTo(Duration.ofSeconds(4));
    assertThat(
            CompletionSettings.from(
                    with(
                        "execution.checkpointing.interval",
                        "4 s",
                        "falaj.checkpoint.interval",
                        "2 s"))
                .checkpointInterval())
        .isEqualTo(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "falaj.bootstrap.servers| |falaj.bootstrap.servers is not set; set it, for example to"
            + " localhost:9092",
        "falaj.schema-registry.url| |falaj.schema-registry.url is not set; set it, for example to"
            + " http://localhost:8081",
        "falaj.inference.max-in-flight|0|falaj.inference.max-in-flight is 0; it must be 1 or more",
        "falaj.inference.max-in-flight-tokens|1000|falaj.inference.max-in-flight-tokens is 1000"
            + " and falaj.runtime.context-tokens is 4096; raise the first to at least the second,"
            + " so that one request fits",
        "falaj.inference.default-max-tokens|4096|falaj.inference.default-max-tokens is 4096 and"
            + " falaj.runtime.context-tokens is 4096; lower the first, so that a prompt fits beside"
            + " the answer",
        "falaj.inference.default-max-tokens|-1|falaj.inference.default-max-tokens is -1; it must be"
            + " 0 (the context's end) or more",
        "falaj.inference.retry.initial-backoff|1 min|falaj.inference.retry.initial-backoff is 60000"
            + " ms and falaj.inference.retry.max-backoff is 10000 ms; raise the second to at least"
            + " the first",
        "falaj.inference.retry.max-attempts|0|falaj.inference.retry.max-attempts is 0; it must be 1"
            + " or more",
        "falaj.checkpoint.interval|0 s|falaj.checkpoint.interval is 0 ms; it must be more than 0,"
            + " as results are committed with checkpoints",
        "falaj.transaction.timeout|10 s|falaj.transaction.timeout is 10000 ms and"
            + " falaj.checkpoint.interval is 10000 ms; raise the first well above the second, as a"
            + " transaction lasts from one checkpoint to the next",
        "falaj.chunks.delivery-guarantee|exactly-once|falaj.chunks.delivery-guarantee is"
            + " EXACTLY_ONCE, which would hold chunks back until the next checkpoint; set it to"
            + " AT_LEAST_ONCE or NONE",
        "falaj.topic.chunks|falaj.prompts|falaj.topic.prompts and falaj.topic.chunks are both"
            + " 'falaj.prompts'; give each its own topic",
        "falaj.kafka.properties.group.id|g|falaj.kafka.properties.group.id is set, but the job sets"
            + " it by itself; remove it and use falaj.group.id",
        "falaj.modle|m|falaj.modle is no option of this job; did you mean falaj.model?",
        "falaj.tenants.acme.wieght|3|falaj.tenants.acme.wieght is no option of this job; did you"
            + " mean falaj.tenants.<name>.budget-tokens?",
        "falaj.tenants.weight|3|falaj.tenants.weight is no option of this job; did you mean"
            + " falaj.tenants.<name>.budget-tokens?",
        "falaj.inference.max-completion-size|1 mb|falaj.inference.max-completion-size is 1048576"
            + " bytes and the Kafka producer takes 1032192; lower the first, or raise"
            + " falaj.kafka.properties.max.request.size",
        "falaj.kafka.properties.max.request.size|big|falaj.kafka.properties.max.request.size is"
            + " 'big'; it must be a number of bytes",
      })
  void refusesWhatCannotWork(String key, String value, String message) {
    assertThatThrownBy(() -> CompletionSettings.from(with(key, value == null ? "" : value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void tenantsAreOptionsWhateverTheirName() {
    assertThat(
            CompletionSettings.from(
                    with(
                        "falaj.tenants.acme.weight", "3",
                        "falaj.tenants.eu.west-1.budget-tokens", "1000"))
                .jobName())
        .isEqualTo("falaj-completions");
  }

  @Test
  void atLeastOnceNeedsNoTransactionTimeout() {
    CompletionSettings settings =
        CompletionSettings.from(
            with("falaj.transaction.timeout", "1 s", "falaj.delivery-guarantee", "at-least-once"));
    assertThat(settings.delivery()).isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
  }

  @Test
  void everyOptionIsListedAndDescribed() throws Exception {
    for (Class<?> options : List.of(CompletionOptions.class, EngineOptions.class)) {
      for (var field : options.getFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
          assertThat(CompletionOptions.all()).contains((ConfigOption<?>) field.get(null));
        }
      }
    }
    assertThat(CompletionOptions.all())
        .allSatisfy(
            option -> {
              assertThat(option.key()).startsWith(CompletionOptions.PREFIX);
              assertThat(option.description()).isNotNull();
            });
    assertThat(CompletionOptions.all()).extracting(ConfigOption::key).doesNotHaveDuplicates();
    assertThat(Arrays.asList(CompletionOptions.class.getFields())).isNotEmpty();
  }
}

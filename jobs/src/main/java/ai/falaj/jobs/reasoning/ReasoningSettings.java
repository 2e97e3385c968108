package ai.falaj.jobs.reasoning;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.RoutingOptions;
import ai.falaj.operators.reasoning.Patience;
import ai.falaj.operators.reasoning.ReasoningModels;
import ai.falaj.operators.reasoning.ReasoningOptions;
import ai.falaj.operators.reasoning.ReasoningPrompts;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.schemas.SamplingParameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The options of a {@link ReasoningJob}, checked against each other.
 *
 * @param job what it shares with the completion job
 * @param models which model each role has
 */
public record ReasoningSettings(
    CompletionSettings job,
    ReasoningModels models,
    ReasoningOptions reasoning,
    String tracesTopic) {

  private static final String DEFAULT_NAME = "falaj-reasoning";

  /**
   * Finds the runtime that a role's options name. There is one implementation; tests have others.
   */
  @FunctionalInterface
  public interface Models {
    /**
     * @param options of the completion job as they hold for the role, {@code falaj.model} included
     * @throws IllegalArgumentException naming the option and the remedy
     */
    RuntimeSpec find(ReadableConfig options);
  }

  /**
   * Reads and checks the options of a job. Connects to nothing and loads nothing.
   *
   * @throws IllegalArgumentException with one line that names the values in conflict and the remedy
   */
  public static ReasoningSettings from(ReadableConfig config, Models models) {
    checkForMisspeltOptions(config);
    Configuration common = common(config);
    CompletionSettings job = CompletionSettings.from(common);
    ReasoningOptions reasoning = reasoning(config);
    String tracesTopic = config.get(ReasoningJobOptions.TRACES_TOPIC);
    Map<ConfigOption<String>, String> written = new LinkedHashMap<>();
    written.put(CompletionOptions.CHUNKS_TOPIC, job.chunksTopic());
    written.put(CompletionOptions.COMPLETIONS_TOPIC, job.completionsTopic());
    written.put(CompletionOptions.DEAD_LETTERS_TOPIC, job.deadLettersTopic());
    written.put(ReasoningJobOptions.TRACES_TOPIC, tracesTopic);
    job.prompts().requireOthers(written);
    if (reasoning.maxTraceBytes() > job.inference().maxCompletionBytes()) {
      throw new IllegalArgumentException(
          "%s is %d bytes and %s %d bytes; lower the first, or raise the second"
              .formatted(
                  ReasoningJobOptions.MAX_TRACE_SIZE.key(),
                  reasoning.maxTraceBytes(),
                  CompletionOptions.MAX_COMPLETION_SIZE.key(),
                  job.inference().maxCompletionBytes()));
    }
    return new ReasoningSettings(
        job, new RoleModels(config, common, models).find(), reasoning, tracesTopic);
  }

  private static void checkForMisspeltOptions(ReadableConfig config) {
    Set<String> known =
        ReasoningJobOptions.all().stream().map(ConfigOption::key).collect(Collectors.toSet());
    for (String key : new TreeMap<>(config.toMap()).keySet()) {
      if (key.startsWith(RoutingOptions.PREFIX)) {
        throw new IllegalArgumentException(
            "%s: a reasoning job has no routes; leave it out, and name the models of the roles with %s"
                .formatted(key, RoleOptions.SOLVER.model().key()));
      }
      if (key.startsWith(ReasoningJobOptions.PREFIX)
          && !known.contains(key)
          && Arrays.stream(RoleOptions.values()).noneMatch(role -> role.has(key))) {
        throw new IllegalArgumentException(
            key + " is no option of this job; docs/OPTIONS.md has a list of them");
      }
    }
  }

  /** What the completion job may see, under a name of this job's own. */
  private static Configuration common(ReadableConfig config) {
    Configuration common = new Configuration();
    common.set(CompletionOptions.JOB_NAME, DEFAULT_NAME);
    common.set(CompletionOptions.GROUP_ID, DEFAULT_NAME);
    for (Map.Entry<String, String> setting : config.toMap().entrySet()) {
      if (!setting.getKey().startsWith(ReasoningJobOptions.PREFIX)) {
        common.setString(setting.getKey(), setting.getValue());
      }
    }
    return common;
  }

  /** The model files that the options name, each once, as the user named them. */
  public static List<String> modelFiles(ReadableConfig config) {
    return RoleModels.files(config);
  }

  private static ReasoningOptions reasoning(ReadableConfig config) {
    Patience patience =
        valid(
            ReasoningJobOptions.SOFT_TIMEOUT,
            () ->
                new Patience(
                    config.get(ReasoningJobOptions.SOFT_TIMEOUT),
                    config.get(ReasoningJobOptions.HARD_TIMEOUT),
                    config.get(ReasoningJobOptions.ON_HARD_TIMEOUT)));
    ReasoningPrompts prompts = prompts(config);
    int samples = config.get(ReasoningJobOptions.SAMPLES);
    return valid(
        ReasoningJobOptions.SAMPLES,
        () ->
            ReasoningOptions.builder()
                .samples(samples)
                .planning(config.get(ReasoningJobOptions.PLANNING))
                .selection(config.get(ReasoningJobOptions.SELECTION))
                .replyFormat(config.get(ReasoningJobOptions.REPLY_FORMAT))
                .patience(patience)
                .prompts(prompts)
                .plannerSampling(sampling(RoleOptions.PLANNER, config))
                .solverSampling(sampling(RoleOptions.SOLVER, config))
                .judgeSampling(sampling(RoleOptions.JUDGE, config))
                .maxTraceBytes(
                    Math.toIntExact(config.get(ReasoningJobOptions.MAX_TRACE_SIZE).getBytes()))
                .build());
  }

  private static SamplingParameters sampling(RoleOptions role, ReadableConfig config) {
    return SamplingParameters.newBuilder()
        .setTemperature(
            config.getOptional(role.temperature()).orElse(role.temperature().defaultValue()))
        .setMaxTokens(config.getOptional(role.maxTokens()).orElse(null))
        .build();
  }

  private static ReasoningPrompts prompts(ReadableConfig config) {
    try {
      return ReasoningPrompts.of(
          prompt(config, ReasoningJobOptions.TOPICS_PROMPT, ReasoningPrompts.DEFAULT_TOPICS),
          prompt(config, ReasoningJobOptions.PLAN_PROMPT, ReasoningPrompts.DEFAULT_PLAN),
          prompt(
              config,
              ReasoningJobOptions.SOLVER_SYSTEM_PROMPT,
              ReasoningPrompts.DEFAULT_SOLVER_SYSTEM),
          prompt(config, ReasoningJobOptions.SOLVE_PROMPT, ReasoningPrompts.DEFAULT_SOLVE),
          prompt(
              config,
              ReasoningJobOptions.JUDGE_SYSTEM_PROMPT,
              ReasoningPrompts.DEFAULT_JUDGE_SYSTEM),
          prompt(config, ReasoningJobOptions.COMPARE_PROMPT, ReasoningPrompts.DEFAULT_COMPARE));
    } catch (IllegalArgumentException e) { // names the prompt as its option does
      throw new IllegalArgumentException(ReasoningJobOptions.PROMPT_PREFIX + e.getMessage(), e);
    }
  }

  private static String prompt(
      ReadableConfig config, ConfigOption<String> option, String defaultText) {
    return config.getOptional(option).orElse(defaultText);
  }

  /** Makes a value whose own check names it, but not its option. */
  static <T> T valid(ConfigOption<?> option, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option.key() + ": " + e.getMessage(), e);
    }
  }

  /** Names no values: the job's settings may hold secrets. */
  @Override
  public String toString() {
    return "ReasoningSettings[" + job.jobName() + "]";
  }
}

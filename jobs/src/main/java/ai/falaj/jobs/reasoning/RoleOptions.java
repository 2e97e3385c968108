package ai.falaj.jobs.reasoning;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.operators.reasoning.ReasoningOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The options of one role of a reasoning job. Any other key under a role's prefix stands for the
 * completion job's option of that name, for this role alone: {@code
 * falaj.reasoning.judge.runtime.max-sequences} is the judge's {@code falaj.runtime.max-sequences}.
 */
enum RoleOptions {
  PLANNER(
      "planner",
      "Model that says whether a problem is hard, and plans: one of falaj.models.*, or as falaj.model"
          + " where there are none. Default: the solver's."),
  SOLVER(
      "solver",
      "Model that writes the candidates, likewise. Of falaj.models.*, a request may name another."
          + " Default: falaj.models.default, or falaj.model."),
  JUDGE("judge", "Model that compares candidates in pairs, likewise. Default: the planner's.");

  private final String role;
  private final String modelDescription;

  RoleOptions(String role, String modelDescription) {
    this.role = role;
    this.modelDescription = modelDescription;
  }

  private String prefix() {
    return ReasoningJobOptions.PREFIX + role + ".";
  }

  ConfigOption<String> model() {
    return key(prefix() + "model").stringType().noDefaultValue().withDescription(modelDescription);
  }

  ConfigOption<Double> temperature() {
    var option = key(prefix() + "temperature").doubleType();
    return this == SOLVER
        ? option
            .defaultValue(ReasoningOptions.SOLVER_TEMPERATURE)
            .withDescription(
                "Temperature of candidates whose request names none. Lower makes them more alike,"
                    + " so that choosing among them gains less.")
        : option
            .noDefaultValue()
            .withDescription(
                "Temperature of the " + role + "'s calls. Default: the model's; 0 is repeatable.");
  }

  ConfigOption<Integer> maxTokens() {
    return key(prefix() + "max-tokens")
        .intType()
        .noDefaultValue()
        .withDescription(
            this == SOLVER
                ? "max_tokens of candidates whose request names none, reasoning included. Default:"
                    + " falaj.inference.default-max-tokens."
                : "Most tokens of one of the "
                    + role
                    + "'s replies, reasoning included. Lower bounds what a chatty model costs; a reply that is"
                    + " cut off is of no use. Default: falaj.inference.default-max-tokens.");
  }

  ConfigOption<Duration> timeout() {
    var option = key(prefix() + "timeout").durationType();
    return this == SOLVER
        ? option
            .noDefaultValue()
            .withDescription(
                "When the solver gives a candidate up. Shorter frees the model of candidates that"
                    + " nobody waits for after the soft time-out; no candidate may take longer then."
                    + " Default: the hard time-out.")
        : option
            .defaultValue(Duration.ofMinutes(10))
            .withDescription(
                "When one of the "
                    + role
                    + "'s calls is given up"
                    + (this == PLANNER
                        ? ": the problem goes on without a plan."
                        : ": the earlier candidate stays the best."));
  }

  List<ConfigOption<?>> all() {
    return List.of(model(), temperature(), maxTokens(), timeout());
  }

  private boolean isOwn(String key) {
    return all().stream().anyMatch(option -> option.key().equals(key));
  }

  /** Whether a key belongs to this role, as an option of its own or of the completion job. */
  boolean has(String key) {
    return key.startsWith(prefix());
  }

  /**
   * The completion job's options for this role.
   *
   * @param common without options of the reasoning job
   */
  Configuration overlaid(Configuration common, ReadableConfig config) {
    Configuration overlaid = new Configuration(common);
    for (Map.Entry<String, String> setting : config.toMap().entrySet()) {
      String key = setting.getKey();
      if (has(key) && !isOwn(key)) {
        overlaid.setString(
            CompletionOptions.PREFIX + key.substring(prefix().length()), setting.getValue());
      }
    }
    return overlaid;
  }
}

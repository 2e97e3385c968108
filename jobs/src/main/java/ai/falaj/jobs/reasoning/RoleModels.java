package ai.falaj.jobs.reasoning;

import ai.falaj.jobs.completion.CompletionOptions;
import ai.falaj.jobs.completion.CompletionSettings;
import ai.falaj.jobs.completion.ModelOptions;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.Timeouts;
import ai.falaj.operators.reasoning.ReasoningModels;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.catalog.CatalogSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Which model each role of a job has: a model file, or one of the job's named models where it has
 * several. Loads nothing.
 *
 * <p>Of several models, planner and judge get the one that is named, and the solver gets all of
 * them, as a request may name the model that solves it.
 */
final class RoleModels {

  private final ReadableConfig config;
  private final Configuration common;
  private final ReasoningSettings.Models models;

  /** A name, and the option that says it. */
  private record Named(ConfigOption<String> option, String model) {}

  /**
   * @param common the options of the completion job, without those of the reasoning job
   */
  RoleModels(ReadableConfig config, Configuration common, ReasoningSettings.Models models) {
    this.config = config;
    this.common = common;
    this.models = models;
  }

  /**
   * @throws IllegalArgumentException with one line that names the option, its value and the remedy
   */
  ReasoningModels find() {
    return new ReasoningModels(
        role(RoleOptions.PLANNER), role(RoleOptions.SOLVER), role(RoleOptions.JUDGE));
  }

  /** The model files that the options name, each once, as the user named them. */
  static List<String> files(ReadableConfig config) {
    if (!ModelOptions.names(config).isEmpty()) {
      return ModelOptions.sourcesOfFiles(config).stream().distinct().toList();
    }
    return Stream.of(RoleOptions.values())
        .flatMap(
            role ->
                named(role, config)
                    .map(Named::model)
                    .or(() -> config.getOptional(CompletionOptions.MODEL))
                    .stream())
        .distinct()
        .toList();
  }

  /** The role's own model, or that of the role which it follows; empty: the job's. */
  private static Optional<Named> named(RoleOptions role, ReadableConfig config) {
    Optional<Named> own =
        config.getOptional(role.model()).map(model -> new Named(role.model(), model));
    return switch (role) {
      case SOLVER -> own;
      case PLANNER -> own.or(() -> named(RoleOptions.SOLVER, config));
      case JUDGE -> own.or(() -> named(RoleOptions.PLANNER, config));
    };
  }

  private ReasoningModels.Role role(RoleOptions role) {
    Configuration overlaid = role.overlaid(common, config);
    SortedSet<String> several = ModelOptions.names(overlaid);
    named(role, config).ifPresent(named -> choose(named, several, overlaid));
    InferenceOptions inference = CompletionSettings.from(overlaid).inference();
    Duration total = timeout(role);
    RuntimeSpec spec = models.find(overlaid);
    return new ReasoningModels.Role(
        role == RoleOptions.SOLVER ? spec : alone(spec),
        ReasoningSettings.valid(
            role.timeout(),
            () -> inference.withTimeouts(new Timeouts(inference.timeouts().attempt(), total))));
  }

  private static void choose(Named named, SortedSet<String> several, Configuration overlaid) {
    if (several.isEmpty()) {
      overlaid.set(CompletionOptions.MODEL, named.model());
      return;
    }
    if (!several.contains(named.model())) {
      throw new IllegalArgumentException(
          "%s is '%s' and the models are %s; name one of them, or configure %s%s.model"
              .formatted(
                  named.option().key(),
                  named.model(),
                  String.join(", ", several),
                  ModelOptions.PREFIX,
                  named.model()));
    }
    overlaid.set(ModelOptions.DEFAULT, named.model());
  }

  /** The default model of a catalog and no other, under its name. */
  private static RuntimeSpec alone(RuntimeSpec spec) {
    return spec instanceof CatalogSpec catalog
        ? new CatalogSpec(
            Map.of(catalog.model(), catalog.members().get(catalog.model())), catalog.model())
        : spec;
  }

  private Duration timeout(RoleOptions role) {
    return config
        .getOptional(role.timeout())
        .orElseGet(
            () ->
                role == RoleOptions.SOLVER
                    ? config.get(ReasoningJobOptions.HARD_TIMEOUT)
                    : role.timeout().defaultValue());
  }
}

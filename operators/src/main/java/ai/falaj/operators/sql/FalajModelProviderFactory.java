package ai.falaj.operators.sql;

import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.runtime.RuntimeSpec;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;

/**
 * Flink finds the provider {@code falaj} here, and has everything that {@code CREATE MODEL} says
 * checked before there is a job: options, columns, template, constraints. Stateless.
 */
public final class FalajModelProviderFactory implements ModelProviderFactory {

  public static final String IDENTIFIER = "falaj";

  @Override
  public String factoryIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return SqlModelOptions.required();
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return SqlModelOptions.optional();
  }

  /**
   * @throws ValidationException naming the model, the option or column at fault and the remedy
   */
  @Override
  public ModelProvider createModelProvider(Context context) {
    FactoryUtil.ModelProviderFactoryHelper helper =
        FactoryUtil.createModelProviderFactoryHelper(this, context);
    helper.validateExcept(SqlModelOptions.FIELDS_PREFIX);
    try {
      return provider(context, helper.getOptions());
    } catch (IllegalArgumentException e) {
      throw new ValidationException(
          "model %s: %s".formatted(context.getObjectIdentifier().getObjectName(), e.getMessage()),
          e);
    }
  }

  private static Provider provider(Context context, ReadableConfig options) {
    ResolvedCatalogModel model = context.getCatalogModel();
    Map<String, String> all = model.getOptions();
    RuntimeSpec spec = SqlModelSpec.of(options);
    PromptColumns prompts = PromptColumns.of(model.getResolvedInputSchema(), options);
    OutputColumns outputs = new OutputColumns(model.getResolvedOutputSchema(), options, all);
    OutputSchema schema = outputs.schema();
    ModelRequests requests = new ModelRequests(options, schema.format());
    SqlModelSpec.requireServed(spec, requests.of("check", "check", Map.of()));
    return new Provider(
        spec, Configuration.fromMap(all), prompts, outputs, context.getConfiguration());
  }

  /** What was checked; makes one function for each call of ML_PREDICT. */
  private record Provider(
      RuntimeSpec spec,
      Configuration options,
      PromptColumns prompts,
      OutputColumns outputs,
      ReadableConfig session)
      implements AsyncPredictRuntimeProvider {

    @Override
    public FalajPredictFunction createAsyncPredictFunction(ModelProvider.Context call) {
      try {
        PredictSettings settings = PredictSettings.of(options, session, call.runtimeConfig());
        return new FalajPredictFunction(spec, options, prompts, outputs, settings);
      } catch (IllegalArgumentException e) {
        throw new ValidationException(e.getMessage(), e);
      }
    }

    @Override
    public ModelProvider copy() {
      return this;
    }
  }
}

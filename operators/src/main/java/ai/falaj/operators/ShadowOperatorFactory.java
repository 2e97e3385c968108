package ai.falaj.operators;

import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.schemas.Completion;
import java.util.Objects;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.legacy.YieldingOperatorFactory;

/**
 * Creates {@link ShadowOperator}s on the TaskManager; yielding as {@link InferenceOperatorFactory}.
 */
@SuppressWarnings("deprecation") // Flink still asks for the type, and has no successor of it.
public final class ShadowOperatorFactory
    extends AbstractStreamOperatorFactory<OutputRecord<Completion>>
    implements OneInputStreamOperatorFactory<PromptRecord, OutputRecord<Completion>>,
        YieldingOperatorFactory<OutputRecord<Completion>> {

  private static final long serialVersionUID = 1L;

  private final RuntimeSpec spec;
  private final InferenceOptions inference;
  private final ShadowOptions options;

  /**
   * @param spec of the runtime that answers the requests too
   * @param inference whose limits of a request and of a completion hold for copies too
   */
  public ShadowOperatorFactory(
      RuntimeSpec spec, InferenceOptions inference, ShadowOptions options) {
    this.spec = Objects.requireNonNull(spec, "spec");
    this.inference = Objects.requireNonNull(inference, "inference");
    this.options = Objects.requireNonNull(options, "options");
    this.chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<OutputRecord<Completion>>> T createStreamOperator(
      StreamOperatorParameters<OutputRecord<Completion>> parameters) {
    return (T) new ShadowOperator(parameters, spec, inference, options, SharedRuntimes.ofThisJvm());
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return ShadowOperator.class;
  }
}

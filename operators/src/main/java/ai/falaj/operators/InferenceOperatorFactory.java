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
 * Creates {@link InferenceOperator}s on the TaskManager. It is a yielding factory, which Flink
 * never chains to a source of the old interface: such a source would not let the operator yield.
 */
@SuppressWarnings("deprecation") // Flink still asks for the type, and has no successor of it.
public final class InferenceOperatorFactory
    extends AbstractStreamOperatorFactory<OutputRecord<Completion>>
    implements OneInputStreamOperatorFactory<PromptRecord, OutputRecord<Completion>>,
        YieldingOperatorFactory<OutputRecord<Completion>> {

  private static final long serialVersionUID = 1L;

  private final RuntimeSpec spec;
  private final InferenceOptions options;
  private boolean upstreamEmitsOnce;
  private boolean asOutcomes;
  private AnswerReview review = AnswerReview.NONE;

  public InferenceOperatorFactory(RuntimeSpec spec, InferenceOptions options) {
    this.spec = Objects.requireNonNull(spec, "spec");
    this.options = Objects.requireNonNull(options, "options");
    this.chainingStrategy = ChainingStrategy.ALWAYS;
  }

  /**
   * Lets checkpoints happen while the operator waits for room, also where it is not the first of
   * its task.
   *
   * <p>Promises that each operator between the task's input from the network and this one emits at
   * most one record of an element towards this one, and does nothing after it: a checkpoint may
   * come in the middle of that call, and what had yet to follow would be lost by a restore.
   */
  public InferenceOperatorFactory withUpstreamEmittingOnce() {
    upstreamEmitsOnce = true;
    return this;
  }

  /**
   * Lets completions and dead letters leave together with the records that they belong to, on
   * {@link InferenceOutputs#OUTCOMES} and nowhere else.
   */
  public InferenceOperatorFactory withOutcomes() {
    asOutcomes = true;
    return this;
  }

  /** Lets somebody look at each answer before it leaves. */
  public InferenceOperatorFactory withReview(AnswerReview value) {
    review = Objects.requireNonNull(value, "review");
    return this;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<OutputRecord<Completion>>> T createStreamOperator(
      StreamOperatorParameters<OutputRecord<Completion>> parameters) {
    return (T)
        new InferenceOperator(
            parameters,
            spec,
            options,
            SharedRuntimes.ofThisJvm(),
            upstreamEmitsOnce,
            asOutcomes,
            review);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return InferenceOperator.class;
  }
}

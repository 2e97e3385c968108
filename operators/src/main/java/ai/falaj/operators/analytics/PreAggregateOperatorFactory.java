package ai.falaj.operators.analytics;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Creates {@link PreAggregateOperator}s on the TaskManager, in the chain of their source. */
final class PreAggregateOperatorFactory extends AbstractStreamOperatorFactory<UsagePartial>
    implements OneInputStreamOperatorFactory<UsageEvent, UsagePartial> {

  private static final long serialVersionUID = 1L;

  PreAggregateOperatorFactory() {
    this.chainingStrategy = ChainingStrategy.ALWAYS;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<UsagePartial>> T createStreamOperator(
      StreamOperatorParameters<UsagePartial> parameters) {
    return (T) new PreAggregateOperator(parameters);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return PreAggregateOperator.class;
  }
}

package ai.falaj.operators.reasoning;

import ai.falaj.operators.PromptRecord;
import java.util.Objects;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes a stage's calls of its problems. Stateless: {@link GatherFunction} waits for the results.
 */
final class CallsFunction extends ProcessFunction<ProblemEvent, PromptRecord> {

  private static final long serialVersionUID = 1L;

  private final ReasoningStep step;

  CallsFunction(ReasoningStep step) {
    this.step = Objects.requireNonNull(step, "step");
  }

  @Override
  public void processElement(ProblemEvent event, Context context, Collector<PromptRecord> out) {
    if (event instanceof Problem problem) {
      step.calls(problem).forEach(call -> out.collect(call.record(problem)));
    } else if (event instanceof ProblemCancellation cancellation) {
      out.collect(Call.tombstone(cancellation));
    }
  }
}

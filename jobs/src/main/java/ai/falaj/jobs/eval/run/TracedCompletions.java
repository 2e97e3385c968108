package ai.falaj.jobs.eval.run;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ReasoningTrace;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Brings completions and traces of a reasoning job together: they come from two topics, in any
 * order. Holds one of both per request until the other is there. Confined to one thread.
 */
final class TracedCompletions {

  /** A problem's answer and the way to it. */
  record Traced(Completion completion, ReasoningTrace trace) {}

  private final Map<String, Completion> completions = new HashMap<>();
  private final Map<String, ReasoningTrace> traces = new HashMap<>();

  Optional<Traced> add(Completion completion) {
    ReasoningTrace trace = traces.remove(completion.getRequestId());
    if (trace == null) {
      completions.put(completion.getRequestId(), completion);
      return Optional.empty();
    }
    return Optional.of(new Traced(completion, trace));
  }

  Optional<Traced> add(ReasoningTrace trace) {
    Completion completion = completions.remove(trace.getRequestId());
    if (completion == null) {
      traces.put(trace.getRequestId(), trace);
      return Optional.empty();
    }
    return Optional.of(new Traced(completion, trace));
  }

  /** Completions that no trace has come for. */
  int untraced() {
    return completions.size();
  }
}

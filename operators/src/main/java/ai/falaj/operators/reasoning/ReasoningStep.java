package ai.falaj.operators.reasoning;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * One stage's part of the recipe: which calls a problem needs, when there are enough results, and
 * what follows from them. Pure functions of what they are given: a step has no state and no clock,
 * so a problem that was restored goes on as it would have.
 */
interface ReasoningStep extends Serializable {

  /** Of the operators of this stage; part of their uids. */
  String name();

  /** The calls that the problem needs here; none: it flows past. */
  List<Call> calls(Problem problem);

  /**
   * Whether no further result is waited for.
   *
   * @param awaited how many calls there are
   * @param results by call id, those that are there
   * @param nowMs milliseconds since the epoch
   */
  default boolean isOver(
      Problem problem, int awaited, Map<String, CallResult> results, long nowMs) {
    return results.size() >= awaited;
  }

  /** When {@link #isOver} may change without another result, in milliseconds since the epoch. */
  default List<Long> timersMs(Problem problem) {
    return List.of();
  }

  /**
   * The problem as it leaves.
   *
   * @param results by call id, those that were there in time
   */
  Problem advance(Problem problem, Map<String, CallResult> results, long nowMs);
}

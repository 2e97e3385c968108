package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A request with what is to happen to it.
 *
 * @param cancelAfterMs when its submitter changes its mind; absent: never
 * @param listenerThrows whether its listener throws at every call
 * @param failures that are right for it, beside those of the runtime's own life
 * @param mustFail whether a result would be wrong
 */
record SoakRequest(
    GenerationRequest generation,
    OptionalInt cancelAfterMs,
    boolean listenerThrows,
    Set<RuntimeErrorCode> failures,
    boolean mustFail) {

  SoakRequest {
    failures = Set.copyOf(failures);
  }

  /** One that nothing happens to. */
  static SoakRequest plain(GenerationRequest generation) {
    return new SoakRequest(generation, OptionalInt.empty(), false, Set.of(), false);
  }

  static SoakRequest cancelled(GenerationRequest generation, int afterMs) {
    return new SoakRequest(generation, OptionalInt.of(afterMs), false, Set.of(), false);
  }

  static SoakRequest withThrowingListener(GenerationRequest generation) {
    return new SoakRequest(generation, OptionalInt.empty(), true, Set.of(), false);
  }

  static SoakRequest mayFail(GenerationRequest generation, RuntimeErrorCode code) {
    return new SoakRequest(generation, OptionalInt.empty(), false, Set.of(code), false);
  }

  static SoakRequest mustFail(GenerationRequest generation, RuntimeErrorCode... codes) {
    return new SoakRequest(generation, OptionalInt.empty(), false, Set.of(codes), true);
  }
}

package ai.falaj.operators.reasoning;

import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ReasoningCall;
import java.util.ArrayList;
import java.util.List;

/** Calls as the trace holds them. Stateless. */
final class CallRecords {

  private CallRecords() {}

  static ReasoningCall of(CallRole role, CallResult result) {
    ReasoningCall.Builder call =
        ReasoningCall.newBuilder().setCallId(result.callId()).setRole(role);
    if (result.completion().isPresent()) {
      Completion completion = result.completion().get();
      return call.setEndedAt(completion.getCompletedAt())
          .setFinishReason(completion.getFinishReason())
          .setUsage(completion.getUsage())
          .setTimings(completion.getTimings())
          .setProvenance(completion.getProvenance())
          .build();
    }
    DeadLetter letter = result.deadLetter().orElseThrow();
    return call.setEndedAt(letter.getFailedAt())
        .setErrorCode(letter.getErrorCode())
        .setErrorMessage(letter.getMessage())
        .build();
  }

  /**
   * @param message why its reply is of no use
   */
  static ReasoningCall ofUselessReply(CallRole role, CallResult result, String message) {
    return ReasoningCall.newBuilder(of(role, result)).setErrorMessage(message).build();
  }

  static <T> List<T> append(List<T> before, List<T> more) {
    List<T> all = new ArrayList<>(before);
    all.addAll(more);
    return all;
  }
}

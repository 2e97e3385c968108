package ai.falaj.operators;

import ai.falaj.schemas.Channel;
import ai.falaj.schemas.FinishReason;

/** Values of the runtime's API in terms of the schemas. */
final class Values {

  private Values() {}

  static FinishReason finishReason(ai.falaj.runtime.FinishReason reason) {
    return switch (reason) {
      case STOP -> FinishReason.STOP;
      case TOOL_CALLS -> FinishReason.TOOL_CALLS;
      case LENGTH -> FinishReason.LENGTH;
      case CANCELLED -> FinishReason.CANCELLED;
      case DEADLINE -> FinishReason.DEADLINE;
    };
  }

  static Channel channel(ai.falaj.runtime.Channel channel) {
    return switch (channel) {
      case ANSWER -> Channel.ANSWER;
      case REASONING -> Channel.REASONING;
    };
  }
}

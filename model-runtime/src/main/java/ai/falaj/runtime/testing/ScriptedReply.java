package ai.falaj.runtime.testing;

import ai.falaj.runtime.RuntimeErrorCode;
import java.util.Objects;

/** What a {@link ScriptedRuntime} does with a request. */
public sealed interface ScriptedReply {

  /** Ends with a text. */
  record Text(String reasoning, String answer) implements ScriptedReply {
    public Text {
      Objects.requireNonNull(reasoning, "reasoning");
      Objects.requireNonNull(answer, "answer");
    }
  }

  /** Ends without a result. */
  record Failure(RuntimeErrorCode code) implements ScriptedReply {
    public Failure {
      Objects.requireNonNull(code, "code");
    }
  }

  /** Says nothing until it is cancelled, or the request's deadline is over. */
  record Silence() implements ScriptedReply {}

  static ScriptedReply answer(String text) {
    return new Text("", text);
  }
}

package ai.falaj.runtime;

import java.util.List;
import java.util.Objects;

/** What a generation continues. */
public sealed interface Prompt {

  /** A conversation, oldest turn first, which the model's chat template turns into text. */
  record Chat(List<ChatMessage> messages) implements Prompt {
    public Chat {
      messages = List.copyOf(messages);
    }
  }

  /**
   * Text that is continued as it stands, without a chat template; special tokens in it are
   * recognised.
   */
  record Raw(String text) implements Prompt {
    public Raw {
      Objects.requireNonNull(text, "text");
    }
  }

  /** Token ids of the model's vocabulary, continued as they stand. For benchmarks and tests. */
  record Tokens(List<Integer> ids) implements Prompt {
    public Tokens {
      ids = List.copyOf(ids);
    }
  }
}

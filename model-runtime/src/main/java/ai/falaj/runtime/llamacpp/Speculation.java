package ai.falaj.runtime.llamacpp;

import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether tokens are guessed ahead and verified in one step. Never changes what is generated, only
 * how fast: it pays where a step costs the same for one token and for several, which is when few
 * sequences run on hardware that waits for memory.
 *
 * @param mode where guesses come from
 * @param maxDraftTokens most guesses of a sequence and step; 1 to {@value #MAX_DRAFT_TOKENS}
 * @param maxSequences guesses stop while more sequences than this decode
 * @param draftSourceOrNull model of {@link Mode#DRAFT_MODEL}: a path or a name of the catalogue; it
 *     must have the same vocabulary
 */
public record Speculation(Mode mode, int maxDraftTokens, int maxSequences, String draftSourceOrNull)
    implements Serializable {

  public static final int MAX_DRAFT_TOKENS = 32;

  public static final Speculation OFF = new Speculation(Mode.OFF, 1, 1, null);

  public Speculation {
    Objects.requireNonNull(mode, "mode");
    if (maxDraftTokens < 1 || maxDraftTokens > MAX_DRAFT_TOKENS) {
      throw new IllegalArgumentException(
          "max draft tokens is %d; it must be 1 to %d".formatted(maxDraftTokens, MAX_DRAFT_TOKENS));
    }
    if (maxSequences < 1) {
      throw new IllegalArgumentException(
          "max speculating sequences is " + maxSequences + "; it must be 1 or more");
    }
    if ((mode == Mode.DRAFT_MODEL) != (draftSourceOrNull != null)) {
      throw new IllegalArgumentException(
          "speculation is %s and its draft model %s; name a model with DRAFT_MODEL and with nothing else"
              .formatted(mode, draftSourceOrNull));
    }
  }

  /** Guesses that what followed the same few tokens before follows them again. */
  public static Speculation promptLookup() {
    return new Speculation(Mode.PROMPT_LOOKUP, 8, 1, null);
  }

  public static Speculation draftModel(String source) {
    return new Speculation(Mode.DRAFT_MODEL, 8, 1, source);
  }

  public Optional<String> draftSource() {
    return Optional.ofNullable(draftSourceOrNull);
  }

  /** Where guesses come from. */
  public enum Mode {
    OFF,
    PROMPT_LOOKUP,
    DRAFT_MODEL
  }
}

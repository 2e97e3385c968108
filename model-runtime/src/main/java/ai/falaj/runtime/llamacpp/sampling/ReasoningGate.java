package ai.falaj.runtime.llamacpp.sampling;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Decides which tokens may come next in one completion: while the model reasons any, once it
 * answers those of the constraint; and closes reasoning that is over its budget.
 *
 * <pre>
 * UNDECIDED --&lt;think&gt;--&gt; REASONING --&lt;/think&gt;--&gt; BEFORE_ANSWER --a token that is not white space--&gt; ANSWER
 *      \------------------------------anything else----------------------------------------/
 * </pre>
 *
 * <p>The phase is a function of the tokens so far and nothing else, so that a completion that is
 * resumed or recomputed goes on as it would have. Tags are followed byte by byte: a tag may be one
 * token or several, and share its last one with line breaks.
 *
 * <ul>
 *   <li>UNDECIDED: a model that is known to reason may open {@code <think>}; what does not lead
 *       there is the answer, white space included, and must satisfy the constraint from its first
 *       token.
 *   <li>REASONING: with a constraint, a token that would close the reasoning and begin the answer
 *       at once is replaced by one that only closes it, and so is the end of the turn: an answer of
 *       the wanted shape was asked for.
 *   <li>BEFORE_ANSWER: white space stays outside of the constraint, for a few tokens.
 *   <li>ANSWER: the constraint's own state decides.
 * </ul>
 *
 * <p>A budget counts the tokens after the opening tag. When it is used up, and the text ends with a
 * whole code point, the tokens of a line break, {@code </think>} and an empty line are forced.
 *
 * <p>Confined to the decode thread. A token that may not come next is a broken invariant: {@link
 * #accept} throws {@link IllegalStateException}.
 */
final class ReasoningGate implements AutoCloseable {

  /** A model that has not begun its answer by then begins it now. */
  static final int MAX_BLANK_TOKENS = 8;

  private static final int[] NOTHING_FORCED = {};

  private enum Phase {
    UNDECIDED,
    REASONING,
    BEFORE_ANSWER,
    ANSWER
  }

  /**
   * @param tagBytes of the tag that the phase waits for, at the end of the text so far
   * @param missingBytes of the code point at the end of the text so far; known while reasoning
   */
  private record Place(Phase phase, int tagBytes, int missingBytes) {
    Place(Phase phase) {
      this(phase, 0, 0);
    }
  }

  private final ReasoningTags tags;
  private final OptionalInt budgetTokens;
  private final Optional<Supplier<TokenConstraint>> constraints;

  private Place place;

  /**
   * Of the text since reasoning ended, or of all text before it is decided; null before its use.
   */
  private TokenConstraint constraint;

  /** Whether the text since UNDECIDED began satisfies the constraint. */
  private boolean mayBeAnswer = true;

  private int reasoningTokens;
  private int blankTokens;
  private int[] forced = NOTHING_FORCED;
  private int forcedIndex;

  ReasoningGate(ReasoningPolicy policy, Optional<Supplier<TokenConstraint>> constraints) {
    this.tags = policy.tags();
    this.budgetTokens = policy.budgetTokens();
    this.constraints = constraints;
    enter(
        switch (policy.mode()) {
          case ABSENT -> new Place(Phase.ANSWER);
          case POSSIBLE -> new Place(Phase.UNDECIDED);
          case OPEN -> new Place(Phase.REASONING);
        });
  }

  /** The token that must come next, whatever the logits say. */
  OptionalInt forced() {
    return forcedIndex < forced.length ? OptionalInt.of(forced[forcedIndex]) : OptionalInt.empty();
  }

  /** Whether a token that is not forced may come next. */
  boolean allows(int token) {
    if (constraints.isEmpty()) {
      return true;
    }
    return switch (place.phase) {
      case UNDECIDED -> leadsToReasoning(token) || mayBeAnswer && constraint().allows(token);
      case REASONING -> staysApartFromAnswer(token);
      case BEFORE_ANSWER -> isBlankBeforeAnswer(token) || constraint().allows(token);
      case ANSWER -> constraint().allows(token);
    };
  }

  /**
   * Says what to do when a token was chosen that {@link #allows} refuses: the token to take in its
   * place or, if there is none, to choose again from the row, which then holds no token that the
   * constraint refuses.
   */
  OptionalInt replaceOrMask(float[] logits) {
    switch (place.phase) {
      case REASONING:
        return OptionalInt.of(tags.nextOfClosing(place.tagBytes));
      case UNDECIDED:
        if (!mayBeAnswer) {
          return OptionalInt.of(tags.nextOfOpening(place.tagBytes));
        }
        maskAllButOpeners(logits);
        return OptionalInt.empty();
      default:
        constraint().mask(logits);
        return OptionalInt.empty();
    }
  }

  /**
   * The token came next. Tokens of an earlier run of the same completion may be given too; where
   * they differ from what would be forced now, they count.
   */
  void accept(int token) {
    if (forcedIndex < forced.length && forced[forcedIndex] == token) {
      forcedIndex++;
    } else {
      forced = NOTHING_FORCED;
      forcedIndex = 0;
    }
    Place next = placeAfter(token);
    switch (place.phase) {
      case UNDECIDED -> acceptUndecided(token, next);
      case REASONING -> acceptReasoning(token, next);
      case BEFORE_ANSWER -> next = acceptBeforeAnswer(token, next);
      case ANSWER -> constraints.ifPresent(supplier -> constraint().accept(token));
    }
    enter(next);
  }

  /** Frees the constraint. Calling it again does nothing. */
  @Override
  public void close() {
    if (constraint != null) {
      constraint.close();
      constraint = null;
    }
  }

  private void enter(Place next) {
    place = next;
    if (place.phase == Phase.REASONING
        && budgetTokens.isPresent()
        && reasoningTokens >= budgetTokens.getAsInt()
        && place.missingBytes == 0
        && forced().isEmpty()) {
      forced = tags.closing(place.tagBytes);
      forcedIndex = 0;
    }
  }

  private void acceptUndecided(int token, Place next) {
    if (constraints.isEmpty()) {
      return;
    }
    boolean answers = mayBeAnswer && constraint().allows(token);
    if (answers) {
      constraint().accept(token);
    } else if (!leadsToReasoning(token)) {
      throw new IllegalStateException(
          "token " + token + " neither opens the reasoning nor satisfies the constraint");
    }
    mayBeAnswer = answers;
    if (next.phase == Phase.REASONING || next.phase == Phase.BEFORE_ANSWER) {
      close();
    }
  }

  private void acceptReasoning(int token, Place next) {
    if (!constraints.isEmpty() && next.phase == Phase.ANSWER) {
      throw new IllegalStateException(
          "token " + token + " closes the reasoning and begins the answer at once");
    }
    reasoningTokens++;
  }

  private Place acceptBeforeAnswer(int token, Place next) {
    if (constraints.isEmpty() || isBlankBeforeAnswer(token)) {
      blankTokens++;
      return next;
    }
    constraint().accept(token);
    return new Place(Phase.ANSWER);
  }

  private TokenConstraint constraint() {
    if (constraint == null) {
      constraint = constraints.orElseThrow().get();
    }
    return constraint;
  }

  private void maskAllButOpeners(float[] logits) {
    int[] openers = place.tagBytes == 0 ? tags.openers() : NOTHING_FORCED;
    float[] kept = new float[openers.length];
    for (int index = 0; index < openers.length; index++) {
      kept[index] = logits[openers[index]];
    }
    constraint().mask(logits);
    for (int index = 0; index < openers.length; index++) {
      logits[openers[index]] = kept[index];
    }
  }

  private boolean leadsToReasoning(int token) {
    Place next = placeAfter(token);
    return switch (next.phase) {
      case REASONING, BEFORE_ANSWER -> true;
      case UNDECIDED -> next.tagBytes > place.tagBytes && tags.canFinishOpening(next.tagBytes);
      case ANSWER -> false;
    };
  }

  private boolean staysApartFromAnswer(int token) {
    return !tags.tokens().isEndOfGeneration(token) && placeAfter(token).phase != Phase.ANSWER;
  }

  private boolean isBlankBeforeAnswer(int token) {
    return blankTokens < MAX_BLANK_TOKENS
        && tags.tokens().piece(token).length > 0
        && placeAfter(token).phase == Phase.BEFORE_ANSWER;
  }

  private Place placeAfter(int token) {
    Phase phase = place.phase;
    int tagBytes = place.tagBytes;
    int missingBytes = place.missingBytes;
    for (byte next : tags.tokens().piece(token)) {
      switch (phase) {
        case UNDECIDED -> {
          if (next == ReasoningTags.OPEN[tagBytes]) {
            tagBytes++;
          } else if (tagBytes > 0 || !isBlank(next)) {
            phase = Phase.ANSWER;
          }
          if (tagBytes == ReasoningTags.OPEN.length) {
            phase = Phase.REASONING;
            tagBytes = 0;
          }
        }
        case REASONING -> {
          missingBytes = missingBytes(next, missingBytes);
          if (next == ReasoningTags.CLOSE[tagBytes]) {
            tagBytes++;
          } else {
            tagBytes = next == ReasoningTags.CLOSE[0] ? 1 : 0;
          }
          if (tagBytes == ReasoningTags.CLOSE.length) {
            phase = Phase.BEFORE_ANSWER;
            tagBytes = 0;
          }
        }
        case BEFORE_ANSWER -> phase = isBlank(next) ? phase : Phase.ANSWER;
        case ANSWER -> {}
      }
    }
    return phase == Phase.ANSWER ? new Place(phase) : new Place(phase, tagBytes, missingBytes);
  }

  /** Bytes that a code point of UTF-8 still wants after this one. */
  private static int missingBytes(byte next, int missingBefore) {
    boolean continues = (next & 0xC0) == 0x80;
    if (continues) {
      return Math.max(0, missingBefore - 1);
    }
    // A leading byte has as many high bits set as its code point has bytes.
    int codePointBytes = Integer.numberOfLeadingZeros(~(next << 24));
    return codePointBytes >= 2 && codePointBytes <= 4 ? codePointBytes - 1 : 0;
  }

  private static boolean isBlank(byte character) {
    return character >= 0 && Character.isWhitespace((char) character);
  }
}

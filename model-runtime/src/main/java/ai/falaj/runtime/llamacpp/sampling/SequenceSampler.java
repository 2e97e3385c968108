package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Chooses the tokens of one sequence, one per row of logits.
 *
 * <p>In this order: {@code logit_bias}, penalties, logprobs are taken, temperature, {@code top_k},
 * {@code top_p}, {@code min_p}, a seeded draw. A constraint is asked about the drawn token only; if
 * it refuses, the row is masked and drawn from once more, with randomness of its own, which gives
 * the distribution that masking first would have given wherever {@code top_k}, {@code top_p} and
 * {@code min_p} keep all, and costs no mask where the model keeps to its format by itself.
 * docs/SAMPLING.md has the sources and what differs from other engines.
 *
 * <p>What is drawn at a position depends on the logits, the parameters, the seed, the position and
 * the tokens before it, and on nothing else. A sequence that is resumed is given its earlier tokens
 * by {@link #accept} and then goes on as it would have.
 *
 * <p>Confined to the decode thread. {@link #close} frees the constraint, which may be native.
 */
public final class SequenceSampler implements AutoCloseable {

  private static final int FREE_DRAW = 0;
  private static final int MASKED_DRAW = 1;

  private final TokenTable tokens;
  private final SamplingScratch scratch;
  private final LogitAdjustments adjustments;
  private final OptionalInt topLogprobs;
  private final TokenDraw draw;
  private final CounterRandom random;
  private final ReasoningGate gate;
  private int position;
  private boolean closed;

  /**
   * @param seed unsigned 32-bit
   * @param promptTokens what {@code repetition_penalty} looks at beside the completion
   * @param constraints gives a fresh constraint for each beginning of an answer; absent: anything
   *     may be answered
   * @param scratch of the thread that will choose
   * @throws IllegalArgumentException if {@code logit_bias} names a token outside the vocabulary
   */
  public SequenceSampler(
      SamplingParameters sampling,
      long seed,
      int[] promptTokens,
      ReasoningPolicy reasoning,
      Optional<Supplier<TokenConstraint>> constraints,
      SamplingScratch scratch) {
    this.tokens = reasoning.tags().tokens();
    this.scratch = scratch;
    this.adjustments = new LogitAdjustments(sampling, promptTokens, tokens.size());
    this.topLogprobs = sampling.topLogprobs();
    this.draw = new TokenDraw(sampling);
    this.random = new CounterRandom(seed);
    this.gate = new ReasoningGate(reasoning, constraints);
  }

  /**
   * Chooses the next token and takes it.
   *
   * @param logits one per token of the vocabulary; changed
   * @throws InvalidLogitsException if one of them is not a number, or none is above negative
   *     infinity; the sampler is as before
   * @throws IllegalStateException if the constraint allows no token at all: a broken invariant
   */
  public Chosen choose(float[] logits) {
    requireOpen();
    OptionalInt forced = gate.forced();
    if (forced.isPresent() && topLogprobs.isEmpty()) {
      return take(forced.getAsInt(), Optional.empty());
    }
    adjustments.apply(logits);
    int best = maximumOrThrow(logits);
    Optional<RowLogprobs> logprobs =
        topLogprobs.isPresent()
            ? Optional.of(new RowLogprobs(logits, best, topLogprobs.getAsInt(), scratch))
            : Optional.empty();
    int token = forced.isPresent() ? forced.getAsInt() : allowedToken(logits, best);
    float logit = logits[token];
    return take(token, logprobs.map(row -> row.of(token, logit, tokens)));
  }

  /**
   * Whether a token that was chosen earlier can be taken, to be asked before {@link #accept}.
   *
   * @param token of the vocabulary
   */
  public boolean allows(int token) {
    requireOpen();
    OptionalInt forced = gate.forced();
    return forced.isPresent() && forced.getAsInt() == token || gate.allows(token);
  }

  /**
   * Takes a token that was chosen earlier, without choosing: how a sequence is resumed.
   *
   * @throws IllegalStateException if the constraint does not allow it
   */
  public void accept(int token) {
    requireOpen();
    gate.accept(token);
    adjustments.accept(token);
    position++;
  }

  /** Tokens of the completion so far. */
  public int position() {
    return position;
  }

  /** Frees the constraint. Calling it again does nothing. */
  @Override
  public void close() {
    closed = true;
    gate.close();
  }

  private Chosen take(int token, Optional<TokenLogprob> logprob) {
    accept(token);
    return new Chosen(token, logprob);
  }

  private int allowedToken(float[] logits, int best) {
    int free = draw.draw(logits, best, random.uniform(position, FREE_DRAW), scratch);
    if (gate.allows(free)) {
      return free;
    }
    OptionalInt replacement = gate.replaceOrMask(logits);
    if (replacement.isPresent()) {
      return replacement.getAsInt();
    }
    int bestAllowed;
    try {
      bestAllowed = LogitRow.indexOfMaximum(logits);
    } catch (InvalidLogitsException e) {
      throw new IllegalStateException(
          "the constraint allows no token at position %d, after it refused %d"
              .formatted(position, free),
          e);
    }
    return draw.draw(logits, bestAllowed, random.uniform(position, MASKED_DRAW), scratch);
  }

  private int maximumOrThrow(float[] logits) {
    if (logits.length != tokens.size()) {
      throw new IllegalArgumentException(
          "a row has %d logits; the vocabulary has %d".formatted(logits.length, tokens.size()));
    }
    return LogitRow.indexOfMaximum(logits);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the sampler is closed");
    }
  }
}

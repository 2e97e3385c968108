package ai.falaj.schemas;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Writes the chunks of one request as the operator does, through every sort of failure, until the
 * request has its completion. What happens comes from a seed.
 *
 * <ul>
 *   <li>Tokens come one to three at a time. The text of some is held back until the next one, as
 *       that of half a code point or of the beginning of a stop string is. A chunk carries the text
 *       that came free and counts the tokens since the last chunk. Where reasoning becomes answer
 *       there are two, and the first counts none.
 *   <li>A checkpoint takes, of all samples, the tokens so far and how many of them are in chunks.
 *   <li>A kill ends the attempt, perhaps between two chunks that belong together; the next attempt
 *       goes on from the last checkpoint, at the end of that checkpoint's last chunk.
 *   <li>A failure of the engine makes the same process start over at token 0. If that is killed
 *       before the next checkpoint, the next attempt goes on from the one before it started over.
 * </ul>
 */
final class SimulatedOperator {

  /** What a model writes a second time. */
  enum Repeats {
    /** The same tokens again. */
    THE_SAME,

    /** Something else, where it does not go on from tokens that are there. */
    SOMETHING_ELSE
  }

  private static final String[] TEXTS = {"a", "bc ", "نعم", "🙂", "\n", "日本", "x", " the"};

  /** A token's text, and whether it waits for the next token's. */
  private record Token(Channel channel, String text, boolean held) {}

  /** What a checkpoint holds of a sample. */
  private record Progress(List<Token> tokens, int emitted, int lastChunkAttempt) {
    static final Progress NONE = new Progress(List.of(), 0, 0);

    Progress {
      tokens = List.copyOf(tokens);
    }
  }

  /** A sample that is being generated. */
  private static final class Sample {
    final int index;
    final List<Token> tokens;
    final int follows;
    int emitted;
    int sequence;
    int lastChunkAttempt;

    Sample(int index, Progress from) {
      this.index = index;
      this.tokens = new ArrayList<>(from.tokens());
      this.emitted = from.emitted();
      this.follows = from.lastChunkAttempt();
      this.lastChunkAttempt = follows;
    }

    Progress progress() {
      return new Progress(tokens, emitted, lastChunkAttempt);
    }

    /** Tokens whose text is in chunks. */
    int sentText() {
      return free(tokens.subList(0, emitted));
    }

    boolean hasText() {
      return free(tokens) > sentText();
    }

    /** Tokens before those whose text waits for the next one. */
    private static int free(List<Token> tokens) {
      int free = tokens.size();
      while (free > 0 && tokens.get(free - 1).held()) {
        free--;
      }
      return free;
    }
  }

  /** Text on both channels. */
  record Text(String reasoning, String answer) {
    boolean beginsWith(Text other) {
      return reasoning.startsWith(other.reasoning) && answer.startsWith(other.answer);
    }
  }

  private final Random random;
  private final Repeats repeats;
  private final List<List<Token>> script = new ArrayList<>();
  private final List<CompletionChunk> written = new ArrayList<>();
  private final List<List<Text>> textsOfAttempts = new ArrayList<>();
  private final List<Integer> attempts = new ArrayList<>();
  private List<Progress> checkpoint;
  private List<Sample> running;
  private int attempt;
  private boolean dying;

  private SimulatedOperator(Random random, Repeats repeats, int samples, int tokens) {
    this.random = random;
    this.repeats = repeats;
    for (int sample = 0; sample < samples; sample++) {
      int length = 1 + random.nextInt(tokens);
      int reasoning = random.nextInt(length);
      script.add(
          IntStream.range(0, length)
              .mapToObj(i -> token(i < reasoning ? Channel.REASONING : Channel.ANSWER))
              .toList());
    }
    checkpoint = script.stream().map(tokensOfSample -> Progress.NONE).toList();
  }

  /**
   * Runs one request to its end.
   *
   * @param tokens most of a sample
   * @param failures most there are
   */
  static SimulatedOperator run(
      Random random, Repeats repeats, int samples, int tokens, int failures) {
    SimulatedOperator operator = new SimulatedOperator(random, repeats, samples, tokens);
    operator.start(operator.checkpoint);
    int left = failures;
    boolean completed = false;
    while (!completed) {
      operator.dying = left > 0 && random.nextInt(12) == 0;
      boolean ends = operator.hasAllTokens();
      operator.step(ends);
      if (left > 0 && (operator.dying || random.nextInt(6) == 0)) {
        left--;
        operator.fail();
      } else if (ends) {
        completed = true;
      } else if (random.nextInt(4) == 0) {
        operator.checkpoint = operator.running.stream().map(Sample::progress).toList();
      }
    }
    operator.rememberTexts();
    return operator;
  }

  private boolean hasAllTokens() {
    return running.stream().allMatch(s -> s.tokens.size() == script.get(s.index).size());
  }

  private void fail() {
    rememberTexts();
    if (dying || random.nextInt(3) > 0) {
      start(checkpoint);
      return;
    }
    start(running.stream().map(sample -> Progress.NONE).toList());
  }

  private void start(List<Progress> from) {
    attempt += 1 + random.nextInt(3);
    running = IntStream.range(0, from.size()).mapToObj(i -> new Sample(i, from.get(i))).toList();
  }

  /** Generates some tokens and sends what there is; a process that is dying, not all of it. */
  private void step(boolean ends) {
    for (Sample sample : running) {
      int length = script.get(sample.index).size();
      for (int more = 1 + random.nextInt(3); more > 0 && sample.tokens.size() < length; more--) {
        sample.tokens.add(next(sample));
      }
      boolean dead = dying && random.nextInt(3) == 0;
      boolean emits = ends || (sample.hasText() && random.nextInt(3) > 0);
      if (dead || (emits && !emit(sample, ends))) {
        return;
      }
    }
  }

  private Token next(Sample sample) {
    Token scripted = script.get(sample.index).get(sample.tokens.size());
    return repeats == Repeats.THE_SAME ? scripted : token(scripted.channel());
  }

  private Token token(Channel channel) {
    return new Token(channel, TEXTS[random.nextInt(TEXTS.length)], random.nextInt(5) == 0);
  }

  /**
   * One chunk, or two where the channel changes.
   *
   * @return false where the process died between the two
   */
  private boolean emit(Sample sample, boolean last) {
    int until = last ? sample.tokens.size() : Sample.free(sample.tokens);
    List<Token> tokens = sample.tokens.subList(sample.sentText(), until);
    String reasoning = textOf(tokens, Channel.REASONING);
    String answer = textOf(tokens, Channel.ANSWER);
    if (!reasoning.isEmpty() && !answer.isEmpty()) {
      write(sample, 0, Channel.REASONING, reasoning, null);
      if (dying && random.nextBoolean()) {
        return false;
      }
    }
    boolean reasons = answer.isEmpty() && !reasoning.isEmpty();
    write(
        sample,
        sample.tokens.size() - sample.emitted,
        reasons ? Channel.REASONING : Channel.ANSWER,
        reasons ? reasoning : answer,
        last ? reason(sample.index) : null);
    sample.emitted = sample.tokens.size();
    return true;
  }

  private void write(
      Sample sample, int count, Channel channel, String text, FinishReason finishReason) {
    written.add(
        new CompletionChunk(
            "r1",
            attempt,
            sample.sequence++,
            sample.emitted,
            count,
            channel,
            text,
            finishReason,
            Instant.EPOCH,
            sample.index,
            sample.follows));
    sample.lastChunkAttempt = attempt;
  }

  private void rememberTexts() {
    attempts.add(attempt);
    textsOfAttempts.add(running.stream().map(sample -> text(sample.tokens)).toList());
  }

  private static Text text(List<Token> tokens) {
    return new Text(textOf(tokens, Channel.REASONING), textOf(tokens, Channel.ANSWER));
  }

  private static String textOf(List<Token> tokens, Channel channel) {
    StringBuilder text = new StringBuilder();
    tokens.stream().filter(token -> token.channel() == channel).forEach(t -> text.append(t.text()));
    return text.toString();
  }

  /** All chunks in the order in which they were written. */
  List<CompletionChunk> written() {
    return List.copyOf(written);
  }

  int samples() {
    return script.size();
  }

  /** Text of a sample as its completion has it. */
  Text completion(int sample) {
    return textsOfAttempts.get(textsOfAttempts.size() - 1).get(sample);
  }

  /** Everything that an attempt generated of a sample, with what it went on from. */
  Text textOfAttempt(int number, int sample) {
    return textsOfAttempts.get(attempts.indexOf(number)).get(sample);
  }

  int completionTokens(int sample) {
    return script.get(sample).size();
  }

  /** Of a sample's completion. */
  FinishReason reason(int sample) {
    return sample % 2 == 0 ? FinishReason.STOP : FinishReason.LENGTH;
  }
}

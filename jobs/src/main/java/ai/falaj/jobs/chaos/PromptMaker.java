package ai.falaj.jobs.chaos;

import ai.falaj.jobs.chaos.ExpectedResult.Fate;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The prompts of a run, by number: a function of the seed and the number. Most belong to one of
 * {@value #CONVERSATIONS} conversations, so that keys are spread; one that will be cancelled has a
 * key of its own, because a cancellation ends everything of its key. Immutable.
 */
final class PromptMaker {

  static final int CONVERSATIONS = 64;

  private static final List<String> WORDS =
      List.of(
          "water",
          "channel",
          "palm",
          "oasis",
          "date",
          "well",
          "field",
          "share",
          "sluice",
          "stone",
          "shade",
          "harvest",
          "village",
          "spring",
          "mountain",
          "فلج",
          "نخلة",
          "ماء",
          "🌴",
          "ظل");

  private static final int SHORTEST_WORDS = 10;
  private static final int LONGEST_WORDS = 90;
  private static final int SHORTEST_LONG_WORDS = 200;
  private static final int LONGEST_LONG_WORDS = 400;

  /** Of prompts to a real model, which is slower and not known to stop by itself. */
  private static final int REAL_MAX_TOKENS = 48;

  private static final int TOO_MANY_SAMPLES = 65;

  private final long seed;
  private final boolean scripted;

  /**
   * @param scripted whether {@link ScriptedAnswers} answers, whose texts are known
   */
  PromptMaker(long seed, boolean scripted) {
    this.seed = seed;
    this.scripted = scripted;
  }

  /** A prompt and what must come of it. */
  record Made(PromptRequest prompt, ExpectedResult expected) {}

  /** What kinds there are, and how many of a hundred prompts are of each. */
  private enum Kind {
    PLAIN(57),
    SAMPLES(18),
    CUT(8),
    LONG(5),
    CANCELLED(7),
    EMPTY(3),
    TOO_MANY_SAMPLES(2);

    private final int percent;

    Kind(int percent) {
      this.percent = percent;
    }

    static Kind drawnBy(Random random) {
      int draw = random.nextInt(100);
      for (Kind kind : values()) {
        draw -= kind.percent;
        if (draw < 0) {
          return kind;
        }
      }
      throw new IllegalStateException("the shares add up to less than 100");
    }
  }

  Made make(int number) {
    Random random = new Random(seed * 1_000_003 + number);
    String id = "r%06d".formatted(number);
    Kind kind = Kind.drawnBy(random);
    String conversation = "conversation-" + random.nextInt(CONVERSATIONS);
    String text = kind == Kind.EMPTY ? " " : text(id, kind, random);
    int samples = kind == Kind.SAMPLES ? 2 : 1;
    long sampleSeed = kind == Kind.SAMPLES ? 1 + random.nextInt(1_000_000) : 0;
    int maxTokens = maxTokens(kind, random);
    SamplingParameters sampling =
        SamplingParameters.newBuilder()
            .setTemperature(kind == Kind.SAMPLES ? 1.0 : 0.0)
            .setSeed(kind == Kind.SAMPLES ? sampleSeed : null)
            .setN(kind == Kind.TOO_MANY_SAMPLES ? TOO_MANY_SAMPLES : samples)
            .setMaxTokens(maxTokens)
            .build();
    PromptRequest prompt =
        PromptRequest.newBuilder()
            .setRequestId(id)
            .setConversationId(kind == Kind.CANCELLED ? null : conversation)
            .setMessages(List.of(new ChatMessage("user", text)))
            .setSampling(sampling)
            .setCreatedAt(Instant.now())
            .build();
    List<String> answers =
        scripted
            ? LongStream.range(0, samples)
                .mapToObj(
                    sample ->
                        ScriptedAnswers.answer(
                            text, sampleSeed == 0 ? 0 : sampleSeed + sample, maxTokens))
                .toList()
            : List.of();
    return new Made(prompt, new ExpectedResult(id, fate(kind), samples, answers));
  }

  private int maxTokens(Kind kind, Random random) {
    if (!scripted) {
      return REAL_MAX_TOKENS;
    }
    return kind == Kind.CUT ? 4 + random.nextInt(20) : 2 * LONGEST_LONG_WORDS;
  }

  private static Fate fate(Kind kind) {
    return switch (kind) {
      case PLAIN, SAMPLES, CUT, LONG -> Fate.ANSWERED;
      case CANCELLED -> Fate.CANCELLED;
      case EMPTY, TOO_MANY_SAMPLES -> Fate.REFUSED;
    };
  }

  /** Begins with the id, so that no two answers are alike. */
  private String text(String id, Kind kind, Random random) {
    boolean isLong = kind == Kind.LONG && scripted;
    int from = isLong ? SHORTEST_LONG_WORDS : SHORTEST_WORDS;
    int to = isLong ? LONGEST_LONG_WORDS : LONGEST_WORDS;
    int words = from + random.nextInt(to - from);
    return IntStream.range(0, words)
        .mapToObj(index -> index == 0 ? id : WORDS.get(random.nextInt(WORDS.size())))
        .collect(Collectors.joining(" "));
  }
}

package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Draws requests of all kinds that the API knows, right and wrong ones. The same seed draws the
 * same requests; when they are run, and so what comes of them, is up to the machine. Confined to
 * one thread.
 */
final class SoakTraffic {

  private static final List<String> WORDS =
      List.of("water", "river", "field", "answer", "question", "channel", "ماء", "فلج", "🌴", "{");
  private static final List<String> TENANTS = List.of("", "north", "south");
  private static final List<OutputFormat> FORMATS =
      List.of(
          new OutputFormat.JsonObject(),
          new OutputFormat.JsonSchema(
              "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":8},"
                  + "\"count\":{\"type\":\"integer\"}},\"required\":[\"name\",\"count\"],"
                  + "\"additionalProperties\":false}"),
          new OutputFormat.Regex("[a-z]{1,8}-[0-9]{3}"),
          new OutputFormat.Choice(List.of("yes", "no", "perhaps")));
  private static final int MAX_NEW_TOKENS = 64;
  private static final int LONGEST_CANCEL_MS = 300;
  private static final int LONGEST_DEADLINE_MS = 500;

  private final Random random;
  private final int contextTokens;
  private final List<String> adapters;
  private long drawn;

  /**
   * @param contextTokens of one sequence
   * @param adapters that the runtime has loaded
   */
  SoakTraffic(long seed, int contextTokens, List<String> adapters) {
    this.random = new Random(seed);
    this.contextTokens = contextTokens;
    this.adapters = List.copyOf(adapters);
  }

  /**
   * The next request.
   *
   * @param nowMs since the epoch, which deadlines are counted from
   */
  SoakRequest next(long nowMs) {
    String id = "soak-" + drawn++;
    int kind = random.nextInt(100);
    if (kind < 40) {
      return SoakRequest.plain(builder(id, prompt()).build());
    } else if (kind < 52) {
      return SoakRequest.plain(builder(id, prompt()).samples(2 + random.nextInt(3)).build());
    } else if (kind < 64) {
      OutputFormat format = FORMATS.get(random.nextInt(FORMATS.size()));
      return SoakRequest.plain(builder(id, prompt()).output(format).build());
    } else if (kind < 76) {
      return SoakRequest.cancelled(
          builder(id, prompt()).build(), random.nextInt(LONGEST_CANCEL_MS));
    } else if (kind < 86) {
      long deadline = nowMs + random.nextInt(LONGEST_DEADLINE_MS);
      return SoakRequest.mayFail(
          builder(id, prompt()).deadlineEpochMs(deadline).build(),
          RuntimeErrorCode.DEADLINE_EXCEEDED);
    } else if (kind < 92) {
      return SoakRequest.withThrowingListener(builder(id, prompt()).build());
    }
    return wrong(id);
  }

  private SoakRequest wrong(String id) {
    switch (random.nextInt(6)) {
      case 0:
        return SoakRequest.mustFail(
            builder(id, new Prompt.Raw(words(2 * contextTokens))).build(),
            RuntimeErrorCode.PROMPT_TOO_LONG);
      case 1:
        return SoakRequest.mustFail(
            builder(id, new Prompt.Raw("")).build(), RuntimeErrorCode.EMPTY_PROMPT);
      case 2:
        return SoakRequest.mustFail(
            builder(id, prompt()).model("no-such-model").build(), RuntimeErrorCode.UNKNOWN_MODEL);
      case 3:
        return SoakRequest.mustFail(
            builder(id, new Prompt.Tokens(List.of(1, Integer.MAX_VALUE))).build(),
            RuntimeErrorCode.INVALID_PARAMETER);
      case 4:
        return SoakRequest.mustFail(
            builder(id, prompt())
                .output(new OutputFormat.JsonSchema("{\"type\":\"number of fields\"}"))
                .build(),
            RuntimeErrorCode.INVALID_PARAMETER,
            RuntimeErrorCode.UNSUPPORTED_PARAMETER);
      default:
        return SoakRequest.mustFail(
            builder(id, prompt()).adapter("no-such-adapter").build(),
            RuntimeErrorCode.UNKNOWN_MODEL);
    }
  }

  private GenerationRequest.Builder builder(String id, Prompt prompt) {
    GenerationRequest.Builder builder =
        GenerationRequest.builder(id, prompt)
            .sampling(sampling())
            .tenant(TENANTS.get(random.nextInt(TENANTS.size())))
            .priority(random.nextInt(3) - 1);
    if (!adapters.isEmpty() && random.nextInt(4) == 0) {
      builder.adapter(adapters.get(random.nextInt(adapters.size())));
    }
    if (random.nextInt(8) == 0) {
      builder.reasoningBudgetTokens(random.nextInt(8));
    }
    return builder;
  }

  /** Greedy half of the time; each other parameter now and then. */
  private SamplingParameters sampling() {
    SamplingParameters.Builder builder =
        SamplingParameters.builder().maxTokens(1 + random.nextInt(MAX_NEW_TOKENS));
    if (random.nextBoolean()) {
      return builder.temperature(0).build();
    }
    builder.temperature(2 * random.nextDouble()).seed(random.nextInt(Integer.MAX_VALUE));
    if (random.nextBoolean()) {
      builder.topP(0.5 + random.nextDouble() / 2).topK(random.nextInt(50));
    }
    if (random.nextInt(4) == 0) {
      builder.presencePenalty(1).frequencyPenalty(0.5).repetitionPenalty(1.1);
    }
    if (random.nextInt(4) == 0) {
      builder.minP(0.1).logitBias(Map.of(random.nextInt(256), -10.0));
    }
    if (random.nextInt(4) == 0) {
      builder.topLogprobs(random.nextInt(4)).stop(List.of("e", "tion"));
    }
    return builder.build();
  }

  /** Some begin alike, some are new, some go to the chat template; all leave room for an answer. */
  private Prompt prompt() {
    int length = 1 + random.nextInt(Math.max(1, contextTokens / 32));
    switch (random.nextInt(4)) {
      case 0:
        return new Prompt.Raw(words(length));
      case 1:
        return new Prompt.Raw(
            "The same instruction number " + random.nextInt(4) + ": " + words(length));
      case 2:
        return new Prompt.Tokens(
            IntStream.range(0, 1 + random.nextInt(contextTokens / 2))
                .mapToObj(index -> random.nextInt(256))
                .toList());
      default:
        return new Prompt.Chat(List.of(new ChatMessage("user", words(length))));
    }
  }

  private String words(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> WORDS.get(random.nextInt(WORDS.size())))
        .collect(Collectors.joining(" "));
  }
}

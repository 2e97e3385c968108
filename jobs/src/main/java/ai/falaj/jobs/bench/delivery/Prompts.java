package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.SamplingParameters;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Prompts of a benchmark, a function of their number and the seed. Immutable.
 *
 * @param count how many
 * @param conversations that they belong to, drawn at random; 0: each is alone, under its own key
 * @param minTokens of the answers
 * @param maxTokens of the answers; lengths are spread evenly between the two
 * @param chars of the text
 */
record Prompts(int count, int conversations, int minTokens, int maxTokens, int chars, long seed) {

  /** Failures are looked for after so many. */
  private static final int BATCH = 10_000;

  private static final String WORD = "channel ";

  Prompts {
    requireAtLeast(1, "prompts", count);
    requireAtLeast(0, "conversations", conversations);
    requireAtLeast(1, "tokens of an answer", minTokens);
    requireAtLeast(minTokens, "most tokens of an answer", maxTokens);
    requireAtLeast(1, "characters of a prompt", chars);
  }

  static void requireAtLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be " + least + " or more");
    }
  }

  /** The number that a request id stands for. */
  static int numberOf(String requestId) {
    return Integer.parseInt(requestId.substring(1));
  }

  PromptRequest prompt(int number) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
    String conversation =
        conversations == 0 ? null : "conversation-" + random.nextInt(conversations);
    return PromptRequest.newBuilder()
        .setRequestId("r" + number)
        .setConversationId(conversation)
        .setMessages(List.of(new ChatMessage("user", text())))
        .setSampling(
            SamplingParameters.newBuilder()
                .setMaxTokens(random.nextInt(minTokens, maxTokens + 1))
                .setSeed(1L)
                .build())
        .setCreatedAt(Instant.EPOCH)
        .build();
  }

  private String text() {
    return WORD.repeat(chars / WORD.length() + 1).substring(0, chars);
  }

  /** Writes them all, in order of their numbers, and waits until the broker has them. */
  void sendAll(BenchStack stack, Connection connection, Console console) {
    try (PromptProducer producer = new PromptProducer(connection, stack.registry());
        ProgressBar progress = console.progress("sending prompts", ProgressBar.Unit.COUNT)) {
      CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
      for (int number = 0; number < count; number++) {
        sent = producer.send(prompt(number));
        if (number % BATCH == 0) {
          sent.join();
          progress.update(number, OptionalLong.of(count));
        }
      }
      producer.flush();
      sent.join();
    } catch (CompletionException e) {
      throw CliException.failure(
          "the broker did not take a prompt: " + e.getCause().getMessage(), "see its log", e);
    }
  }
}

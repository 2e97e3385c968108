package ai.falaj.operators.analytics;

import java.util.List;
import java.util.Objects;

/**
 * What one record of a topic adds to the windows. Immutable.
 *
 * @param timestampMs event time, in milliseconds since 1970: when the record came to be, by the
 *     clock of who wrote it
 * @param tenant empty where none is named
 * @param model empty where none is named
 * @param template empty where none is named
 * @param fact what happened
 */
public record UsageEvent(
    long timestampMs, String tenant, String model, String template, Fact fact) {

  public UsageEvent {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(template, "template");
    Objects.requireNonNull(fact, "fact");
  }

  /** What happened. */
  public sealed interface Fact permits Answered, Failed, Streamed {}

  /**
   * A completion.
   *
   * @param promptTokens cached ones included
   * @param completionTokens reasoning ones included
   * @param costNanos in billionths of the price table's currency
   * @param labels of the structured answer
   */
  public record Answered(
      int promptTokens,
      int cachedTokens,
      int reasoningTokens,
      int completionTokens,
      long timeToFirstTokenMs,
      long totalMs,
      String finishReason,
      boolean priced,
      long costNanos,
      List<String> labels)
      implements Fact {
    public Answered {
      Objects.requireNonNull(finishReason, "finishReason");
      labels = List.copyOf(labels);
    }
  }

  /** A dead letter. */
  public record Failed(String errorCode) implements Fact {
    public Failed {
      Objects.requireNonNull(errorCode, "errorCode");
    }
  }

  /** A chunk, which names neither tenant nor model. */
  public record Streamed(int tokens) implements Fact {}
}

package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.RetryPolicy;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/**
 * Options for what goes wrong: attempts, time-outs, an engine that is down, requests that repeat.
 */
public final class FailureOptions {

  public static final ConfigOption<Integer> RETRY_MAX_ATTEMPTS =
      key("falaj.inference.retry.max-attempts")
          .intType()
          .defaultValue(RetryPolicy.DEFAULT.maxAttempts())
          .withDescription(
              "Failed generations of a request before it becomes a dead letter. More survive"
                  + " longer trouble of the engine and keep its place occupied meanwhile.");

  public static final ConfigOption<Duration> RETRY_INITIAL_BACKOFF =
      key("falaj.inference.retry.initial-backoff")
          .durationType()
          .defaultValue(RetryPolicy.DEFAULT.initialBackoff())
          .withDescription("Longest wait before the first retry; doubles with each further one.");

  public static final ConfigOption<Duration> RETRY_MAX_BACKOFF =
      key("falaj.inference.retry.max-backoff")
          .durationType()
          .defaultValue(RetryPolicy.DEFAULT.maxBackoff())
          .withDescription(
              "Longest wait before any retry, unless the engine asks for a longer one.");

  public static final ConfigOption<Duration> ATTEMPT_TIMEOUT =
      key("falaj.inference.timeout.attempt")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.timeouts().attempt())
          .withDescription(
              "How long one attempt may take in the engine, its queue included; a longer one fails"
                  + " and goes on from its tokens in the next. 0: no limit.");

  public static final ConfigOption<Duration> TOTAL_TIMEOUT =
      key("falaj.inference.timeout.total")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.timeouts().total())
          .withDescription(
              "How long a request may take from its arrival to its result, restarts of the job"
                  + " included; a longer one becomes a dead letter. 0: no limit. Clients set a"
                  + " deadline instead where a part of the answer is of use to them.");

  public static final ConfigOption<Integer> BREAKER_FAILURES =
      key("falaj.inference.circuit-breaker.failures")
          .intType()
          .defaultValue(InferenceOptions.DEFAULT.circuitBreaker().failuresToOpen())
          .withDescription(
              "Failures of the engine without a success between them, after which a subtask stops"
                  + " asking it and its requests wait. 0: never; an outage then uses up their"
                  + " attempts.");

  public static final ConfigOption<Duration> BREAKER_FIRST_WAIT =
      key("falaj.inference.circuit-breaker.first-wait")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.circuitBreaker().firstWait())
          .withDescription(
              "How long it waits before one request probes whether the engine is back.");

  public static final ConfigOption<Duration> BREAKER_LONGEST_WAIT =
      key("falaj.inference.circuit-breaker.longest-wait")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.circuitBreaker().longestWait())
          .withDescription("Bound of that wait, which doubles with each probe that fails.");

  public static final ConfigOption<Duration> DEDUPLICATION_TIME =
      key("falaj.deduplication.time-to-live")
          .durationType()
          .defaultValue(InferenceOptions.DEFAULT.deduplication().timeToLive())
          .withDescription(
              "How long a request id is remembered after it was seen first; a request that comes"
                  + " again in that time is answered once. Takes state per request, and a network"
                  + " exchange by record key. 0: off.");

  public static final ConfigOption<Boolean> DEDUPLICATION_ANSWER_AGAIN =
      key("falaj.deduplication.answer-again")
          .booleanType()
          .defaultValue(InferenceOptions.DEFAULT.deduplication().answerAgain())
          .withDescription(
              "Whether a request that comes again after its completion gets the same completion"
                  + " once more, without a generation. Keeps completions in state for that; else"
                  + " such a request is dropped.");

  private FailureOptions() {}

  /** For documentation and for finding misspelt ones. */
  static List<ConfigOption<?>> all() {
    return List.of(
        RETRY_MAX_ATTEMPTS,
        RETRY_INITIAL_BACKOFF,
        RETRY_MAX_BACKOFF,
        ATTEMPT_TIMEOUT,
        TOTAL_TIMEOUT,
        BREAKER_FAILURES,
        BREAKER_FIRST_WAIT,
        BREAKER_LONGEST_WAIT,
        DEDUPLICATION_TIME,
        DEDUPLICATION_ANSWER_AGAIN);
  }
}

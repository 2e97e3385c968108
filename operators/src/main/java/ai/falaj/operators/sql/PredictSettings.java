package ai.falaj.operators.sql;

import ai.falaj.operators.RetryPolicy;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;

/**
 * What happens to rows that do not go well.
 *
 * @param retryPolicy after failures that may pass
 * @param invalidOutputRetries how often the model is asked again for an answer that fits
 * @param requestTimeout for a row, all attempts together
 */
record PredictSettings(
    ErrorHandlingStrategy strategy,
    RetryPolicy retryPolicy,
    int invalidOutputRetries,
    Duration requestTimeout)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Flink's: after it, the operator fails the job. */
  static final ConfigOption<Duration> JOB_TIMEOUT =
      ConfigOptions.key("table.exec.async-ml-predict.timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(3));

  /** The same for one call of ML_PREDICT, in its CONFIG. */
  static final ConfigOption<Duration> CALL_TIMEOUT =
      ConfigOptions.key("timeout").durationType().noDefaultValue();

  /**
   * @param session the session's configuration
   * @param call what the call of ML_PREDICT configures
   * @throws IllegalArgumentException with one line that names the option and the remedy
   */
  static PredictSettings of(ReadableConfig options, ReadableConfig session, ReadableConfig call) {
    Duration flinks = call.getOptional(CALL_TIMEOUT).orElseGet(() -> session.get(JOB_TIMEOUT));
    Duration timeout =
        options
            .getOptional(SqlModelOptions.REQUEST_TIMEOUT)
            .orElseGet(() -> flinks.multipliedBy(9).dividedBy(10));
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(flinks) >= 0) {
      throw new IllegalArgumentException(
          "%s is %s and Flink fails the job after %s (%s); it must be above 0 and below"
              .formatted(
                  SqlModelOptions.REQUEST_TIMEOUT.key(), timeout, flinks, JOB_TIMEOUT.key()));
    }
    return new PredictSettings(
        options.get(SqlModelOptions.ERROR_HANDLING_STRATEGY),
        retryPolicy(options),
        notNegative(options, SqlModelOptions.INVALID_OUTPUT_RETRY_NUM),
        timeout);
  }

  private static RetryPolicy retryPolicy(ReadableConfig options) {
    int retries = notNegative(options, SqlModelOptions.RETRY_NUM);
    return SqlModelSpec.valid(
        SqlModelOptions.RETRY_INITIAL_BACKOFF,
        () ->
            new RetryPolicy(
                retries + 1,
                options.get(SqlModelOptions.RETRY_INITIAL_BACKOFF),
                options.get(SqlModelOptions.RETRY_MAX_BACKOFF)));
  }

  private static int notNegative(ReadableConfig options, ConfigOption<Integer> option) {
    int value = options.get(option);
    if (value < 0) {
      throw new IllegalArgumentException(option.key() + " is " + value + "; it must be 0 or more");
    }
    return value;
  }
}

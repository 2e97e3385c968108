package ai.falaj.operators.kafka;

import ai.falaj.schemas.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bridges short outages of the registry. The registry is asked only for schemas that were not seen
 * yet, so the task thread waits here at most once per schema; a longer outage fails the job, which
 * restarts from its last checkpoint and loses nothing.
 */
public final class RegistryRetries {

  static final List<Duration> BACKOFFS =
      List.of(Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(1_600));

  /** Waits; a test's does not. */
  interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(RegistryRetries.class);

  private final Sleeper sleeper;

  public RegistryRetries() {
    this(duration -> Thread.sleep(duration.toMillis()));
  }

  RegistryRetries(Sleeper sleeper) {
    this.sleeper = sleeper;
  }

  /**
   * @throws SchemaRegistryException the last one, when the registry stays out of reach; at once,
   *     where asking again cannot help
   */
  public <T> T call(Supplier<T> action) {
    for (Duration backoff : BACKOFFS) {
      try {
        return action.get();
      } catch (SchemaRegistryException failure) {
        if (!failure.retryable()) {
          throw failure;
        }
        LOG.warn("{}; asking again in {} ms", failure.getMessage(), backoff.toMillis());
        sleep(backoff, failure);
      }
    }
    return action.get();
  }

  private void sleep(Duration backoff, SchemaRegistryException failure) {
    try {
      sleeper.sleep(backoff);
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
      failure.addSuppressed(cancelled);
      throw failure;
    }
  }
}

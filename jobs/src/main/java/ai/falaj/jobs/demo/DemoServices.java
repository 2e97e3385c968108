package ai.falaj.jobs.demo;

import ai.falaj.jobs.client.Connection;
import ai.falaj.runtime.RuntimeStats;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What the demo runs against: a stack of its own, or services that run already. Any thread. */
interface DemoServices extends AutoCloseable {

  /** Name of the model, as far as it is known. */
  String model();

  Connection connection();

  /** Flink's web UI, where it is known. */
  Optional<String> flinkUrl();

  /** The page over it, where one was started. */
  Optional<String> dashboardUrl();

  /** Counters of the runtime, where it is in this JVM. */
  Optional<Supplier<RuntimeStats>> runtimeStats();

  /** Completes with the reason when a part fails that this demo started; else never. */
  CompletableFuture<Exception> failure();

  /** Stops what was started. */
  @Override
  void close();
}

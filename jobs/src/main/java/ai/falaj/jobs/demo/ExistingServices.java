package ai.falaj.jobs.demo;

import ai.falaj.jobs.client.Connection;
import ai.falaj.runtime.RuntimeStats;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A broker, a registry and a job that others run. */
final class ExistingServices implements DemoServices {

  private final Connection connection;

  ExistingServices(Connection connection) {
    this.connection = connection;
  }

  @Override
  public String model() {
    return "the job at " + connection.bootstrapServers();
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public Optional<String> flinkUrl() {
    return Optional.empty();
  }

  @Override
  public Optional<String> dashboardUrl() {
    return Optional.empty();
  }

  @Override
  public Optional<Supplier<RuntimeStats>> runtimeStats() {
    return Optional.empty();
  }

  @Override
  public CompletableFuture<Exception> failure() {
    return new CompletableFuture<>();
  }

  @Override
  public void close() {
    // Nothing was started.
  }
}

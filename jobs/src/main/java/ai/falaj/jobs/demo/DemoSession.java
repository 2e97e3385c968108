package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.client.Interrupt;
import ai.falaj.jobs.demo.DemoPrompts.DemoPrompt;
import ai.falaj.jobs.terminal.Screen;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the demo against services that are up: wires tracker, view, display and summary. */
final class DemoSession {

  private static final Logger LOG = LoggerFactory.getLogger(DemoSession.class);

  private final DemoServices services;
  private final Console console;

  DemoSession(DemoServices services, Console console) {
    this.services = services;
    this.console = console;
  }

  /**
   * Sends the prompts, shows what comes and sums up.
   *
   * @param patience longest time without a sign of any request
   */
  DemoSummary run(
      List<DemoPrompt> prompts, SchemaRegistry registry, Duration patience, Interrupt interrupt)
      throws InterruptedException, ExecutionException {
    RequestTracker tracker = new RequestTracker();
    BatchSeries batches =
        services
            .runtimeStats()
            .map(BatchSamplers::ofRuntime)
            .orElseGet(() -> BatchSamplers.ofClient(tracker));
    DemoView view = new DemoView(services.model(), tracker, batches);
    try (DemoDisplay display = display(view)) {
      new DemoRun(tracker, view, batches, display, interrupt)
          .run(
              prompts,
              services.connection(),
              registry,
              patience,
              () -> services.failure().isDone());
    }
    return DemoSummary.of(services.model(), tracker, batches);
  }

  private DemoDisplay display(DemoView view) {
    if (console.isJson() || !console.terminal().outputIsTerminal()) {
      return new PlainDisplay(view, console);
    }
    try {
      return new LiveDisplay(view, Screen.open(console.terminal().color()));
    } catch (IOException e) {
      LOG.info("The terminal cannot be controlled; the demo prints lines", e);
      return new PlainDisplay(view, console);
    }
  }
}

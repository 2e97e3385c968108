package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.cli.Style;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Shows what comes back for one prompt: a single answer while it is written, several when all are
 * there, and for machines the completion. Closing it ends the progress display; what is shown then
 * follows below. Confined to one thread.
 */
final class PromptAnswer implements AutoCloseable {

  private final Console console;
  private final PromptSession session;
  private final TokenPrinter printer;
  private final ProgressBar progress;
  private final boolean streams;

  PromptAnswer(Console console, PromptSession session) {
    this.console = console;
    this.session = session;
    this.printer = new TokenPrinter(console);
    this.streams = session.text().samples() == 1;
    this.progress =
        console.progress(
            "writing " + session.text().samples() + " answers", ProgressBar.Unit.COUNT);
  }

  void onText(ChunkAssembler.Update update, ChunkAssembler text) {
    if (console.isJson()) {
      return;
    }
    if (streams) {
      printer.print(update, text);
    } else {
      progress.update(session.text().tokens(), OptionalLong.empty());
    }
  }

  /** The completion is here. */
  void end(Completion completion) {
    if (console.isJson()) {
      console.json(RecordJson.document(completion));
      return;
    }
    List<ShownSample> samples = ShownSample.of(completion);
    show(samples);
    LogprobTable logprobs = new LogprobTable(console);
    samples.forEach(sample -> logprobs.print(sample, samples.size()));
    console.note(footer(completion.getUsage().getCompletionTokens(), samples));
  }

  /** The text is here, and is all that is wanted. */
  void endOfText() {
    List<ShownSample> samples = ShownSample.of(session.text());
    show(samples);
    console.note(footer(session.text().tokens(), samples));
  }

  private void show(List<ShownSample> samples) {
    if (samples.size() == 1) {
      printer.end(samples.get(0).reasoning(), samples.get(0).answer());
    } else {
      new SamplesPrinter(console).print(samples);
    }
  }

  private String footer(int tokens, List<ShownSample> samples) {
    StringBuilder footer = new StringBuilder(tokens + (tokens == 1 ? " token" : " tokens"));
    double seconds = session.timeOfText().toNanos() / 1e9;
    if (tokens > samples.size() && seconds > 0) {
      // The first token's time of each sample is the prefill's.
      footer.append(
          String.format(Locale.ROOT, " · %.1f tok/s", (tokens - samples.size()) / seconds));
    }
    session
        .timeToFirstText()
        .ifPresent(
            time -> footer.append(" · first token after ").append(time.toMillis()).append(" ms"));
    String reasons =
        samples.stream()
            .map(sample -> sample.finishReason().name())
            .distinct()
            .collect(Collectors.joining(", "));
    footer.append(" · ").append(reasons);
    return console.styled(Style.DIM, footer.toString());
  }

  @Override
  public void close() {
    progress.close();
  }
}

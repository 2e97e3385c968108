package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import java.util.Locale;

/** One line per result, and one about the whole every few seconds: for pipes and logs. */
final class PlainDisplay implements DemoDisplay {

  private static final long PROGRESS_MS = 5_000;
  private static final int LABEL_CELLS = 14;
  private static final int TEXT_CELLS = 72;

  private final DemoView view;
  private final Console console;
  private long nextProgressMs = Long.MIN_VALUE;

  PlainDisplay(DemoView view, Console console) {
    this.view = view;
    this.console = console;
  }

  @Override
  public void ended(TrackedRequest request) {
    String label = DisplayText.pad(request.label(), LABEL_CELLS);
    request.completion().ifPresent(completion -> console.say("ok   " + label + line(completion)));
    request.deadLetter().ifPresent(letter -> console.say("dead " + label + line(letter)));
  }

  private static String line(Completion completion) {
    return String.format(
        Locale.ROOT,
        " %4d tok %6d ms  %s",
        completion.getUsage().getCompletionTokens(),
        completion.getTimings().getTotalMs(),
        DisplayText.clip(DisplayText.oneLine(completion.getAnswer()), TEXT_CELLS));
  }

  private static String line(DeadLetter letter) {
    return " " + letter.getErrorCode() + ": " + DisplayText.oneLine(letter.getMessage());
  }

  @Override
  public void update(long nowMs) {
    if (nextProgressMs == Long.MIN_VALUE) {
      nextProgressMs = nowMs + PROGRESS_MS;
    }
    if (nowMs < nextProgressMs) {
      return;
    }
    nextProgressMs = nowMs + PROGRESS_MS;
    DemoState state = view.state(nowMs);
    console.note(
        String.format(
            Locale.ROOT,
            "     %d/%d done, %d streaming, %.0f tok/s",
            state.answered(),
            state.sent(),
            state.streaming(),
            state.tokensPerSecond()));
  }

  @Override
  public void close() {
    // Nothing was taken.
  }
}

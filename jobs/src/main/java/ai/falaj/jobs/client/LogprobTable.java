package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.TokenLogprob;
import ai.falaj.schemas.TopLogprob;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints how likely the tokens of an answer were, a line for each. Confined to one thread. */
final class LogprobTable {

  private static final int TOKEN_CELLS = 16;

  private final Console console;

  LogprobTable(Console console) {
    this.console = console;
  }

  void print(ShownSample sample, int count) {
    if (sample.logprobs().isEmpty()) {
      return;
    }
    String heading = count == 1 ? "logprobs" : "logprobs of sample " + (sample.index() + 1);
    console.say("");
    console.say(console.styled(Style.BOLD, heading));
    sample.logprobs().forEach(logprob -> console.say(line(logprob)));
  }

  private String line(TokenLogprob logprob) {
    String token = DisplayText.pad(quoted(logprob.getText()), TOKEN_CELLS);
    return token
        + DisplayText.columnMark(token)
        + number(logprob.getLogprob())
        + console.styled(Style.DIM, alternatives(logprob.getTopLogprobs()));
  }

  private static String alternatives(List<TopLogprob> top) {
    return top.stream()
        .map(alternative -> "  " + quoted(alternative.getText()) + number(alternative.getLogprob()))
        .collect(Collectors.joining());
  }

  private static String number(float logprob) {
    return String.format(Locale.ROOT, " %.3f (%.1f%%)", logprob, 100 * Math.exp(logprob));
  }

  /** On one line, with its blanks: those belong to a token. */
  private static String quoted(String text) {
    return "'" + DisplayText.safe(text).replace("\n", "\\n").replace("\t", "\\t") + "'";
  }
}

package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.CompletionChunk;

/**
 * Prints text as it arrives. Reasoning is dimmed or, without colours, put between marks. What was
 * printed cannot be taken back: where a higher attempt replaces text, a note says from where, and
 * the new text follows. Confined to one thread.
 */
final class TokenPrinter {

  private static final String BEGIN_REASONING = "<think>\n";
  private static final String END_REASONING = "\n</think>";

  private final Console console;
  private String shownAnswer = "";
  private Channel channel;

  TokenPrinter(Console console) {
    this.console = console;
  }

  void print(ChunkAssembler.Update update, ChunkAssembler text) {
    if (update.dropped() > 0) {
      int kept =
          text.tokens() - update.appended().stream().mapToInt(CompletionChunk::getTokenCount).sum();
      restart("attempt " + text.attempt() + " replaces the text after token " + kept);
    }
    update.appended().forEach(chunk -> print(chunk.getChannel(), chunk.getText()));
    shownAnswer = text.answer();
  }

  private void restart(String note) {
    endReasoning();
    channel = null;
    console.stream("\n");
    console.note(console.styled(Style.YELLOW, "[" + note + "]"));
  }

  private void print(Channel next, String raw) {
    if (raw.isEmpty()) {
      return;
    }
    boolean reasons = next == Channel.REASONING;
    if (channel != next) {
      if (reasons) {
        console.stream(console.terminal().color() ? "" : BEGIN_REASONING);
      } else {
        endReasoning();
      }
      channel = next;
    }
    String text = console.terminal().outputIsTerminal() ? DisplayText.safe(raw) : raw;
    console.stream(reasons ? console.styled(Style.DIM, text) : text);
  }

  private void endReasoning() {
    if (channel == Channel.REASONING) {
      console.stream(console.terminal().color() ? "\n\n" : END_REASONING + "\n\n");
    }
  }

  /** Prints what of the final answer was not printed yet, and ends the line. */
  void end(String reasoning, String answer) {
    if (channel == null && !reasoning.isEmpty()) {
      print(Channel.REASONING, reasoning);
    }
    if (answer.startsWith(shownAnswer)) {
      print(Channel.ANSWER, answer.substring(shownAnswer.length()));
    } else {
      restart("chunks were missing; the whole answer");
      print(Channel.ANSWER, answer);
    }
    if (channel == Channel.REASONING) {
      endReasoning();
    } else {
      console.stream("\n");
    }
  }
}

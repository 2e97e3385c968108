package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.ErrorCode;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Dead letters for people: one line each, as wide as their fields, the message last. */
final class LetterTable {

  private static final String GAP = "  ";
  private static final int LEAST_MESSAGE_CELLS = 20;
  private static final List<String> HEAD =
      List.of("FAILED", "CODE", "REQUEST", "SOURCE", "ATTEMPTS", "RETRIES", "STATE", "MESSAGE");

  private final Console console;

  LetterTable(Console console) {
    this.console = console;
  }

  void print(List<Letter> letters) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    letters.stream().map(LetterTable::row).forEach(rows::add);
    int[] widths = new int[HEAD.size() - 1];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], DisplayText.width(row.get(i)));
      }
    }
    console.say(console.styled(Style.BOLD, line(HEAD, widths)));
    for (int i = 0; i < letters.size(); i++) {
      String line = line(rows.get(i + 1), widths);
      boolean open = letters.get(i).state() == LetterState.OPEN;
      console.say(open ? line : console.styled(Style.DIM, line));
    }
  }

  void printCounts(List<Letter> letters) {
    int width = letters.stream().mapToInt(letter -> letter.code().name().length()).max().orElse(0);
    width = Math.max(width, "TOTAL".length());
    for (Map.Entry<ErrorCode, Long> count : LetterIndex.byCode(letters).entrySet()) {
      console.say(DisplayText.pad(count.getKey().name(), width) + GAP + count.getValue());
    }
    console.say(console.styled(Style.BOLD, DisplayText.pad("TOTAL", width) + GAP + letters.size()));
  }

  private static List<String> row(Letter letter) {
    return List.of(
        letter.failedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
        letter.code().name(),
        letter.requestId().map(DisplayText::oneLine).orElse("-"),
        DisplayText.oneLine(letter.source()),
        Integer.toString(letter.attempts()),
        Integer.toString(letter.retries()),
        letter.state().toString(),
        DisplayText.oneLine(letter.message()));
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(DisplayText.pad(row.get(i), widths[i])).append(GAP);
    }
    String message = row.get(widths.length);
    if (console.terminal().outputIsTerminal()) {
      int room = console.terminal().columns() - DisplayText.width(line.toString());
      message = DisplayText.clip(message, Math.max(LEAST_MESSAGE_CELLS, room));
    }
    return line.append(message).toString();
  }
}

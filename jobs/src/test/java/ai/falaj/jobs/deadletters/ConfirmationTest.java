package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfirmationTest {

  private static final int MANY = Confirmation.HANDFUL + 1;

  private final StringWriter out = new StringWriter();
  private final Console console =
      new Console(
          new PrintWriter(out),
          new PrintWriter(new StringWriter()),
          false,
          TerminalSettings.none());

  @ParameterizedTest
  @CsvSource({"y, true", "YES, true", "' yes ', true", "n, false", "'', false", "yesterday, false"})
  void goesOnWithAYesOnly(String answer, boolean given) throws IOException {
    assertThat(typed(answer + "\n").isGiven(MANY, "Send 6 letters again?", console))
        .isEqualTo(given);
    assertThat(out).hasToString("Send 6 letters again? [y/N] ");
  }

  @Test
  void asksForNoHandful() throws IOException {
    assertThat(typed("n\n").isGiven(Confirmation.HANDFUL, "?", console)).isTrue();
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void takesAScriptAtItsWord() throws IOException {
    assertThat(new Confirmation(Optional.empty()).isGiven(MANY, "?", console)).isTrue();
  }

  @Test
  void refusesWhereTheInputEndsWithoutAnAnswer() {
    assertThatThrownBy(() -> typed("").isGiven(MANY, "?", console))
        .isInstanceOf(CliException.class)
        .hasMessage("nobody answered; say --yes to send without being asked");
  }

  private static Confirmation typed(String text) {
    return new Confirmation(Optional.of(new BufferedReader(new StringReader(text))));
  }
}

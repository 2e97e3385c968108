package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** Asks whoever sits at the terminal before much is done; scripts are taken at their word. */
final class Confirmation {

  /** What is done without asking. */
  static final int HANDFUL = 5;

  private final Optional<BufferedReader> answers;

  /**
   * @param answers what is typed; empty where nobody types
   */
  Confirmation(Optional<BufferedReader> answers) {
    this.answers = answers;
  }

  static Confirmation atTerminal(Console console) {
    java.io.Console terminal = System.console();
    return new Confirmation(
        terminal == null || !console.terminal().errorIsTerminal()
            ? Optional.empty()
            : Optional.of(new BufferedReader(terminal.reader())));
  }

  /**
   * @param letters how many would be sent
   * @return whether to go on
   * @throws CliException where the input ends without an answer
   */
  boolean isGiven(int letters, String question, Console console) throws IOException {
    if (letters <= HANDFUL || answers.isEmpty()) {
      return true;
    }
    console.stream(question + " [y/N] ");
    String answer = answers.get().readLine();
    if (answer == null) {
      throw CliException.usage("nobody answered", "say --yes to send without being asked");
    }
    return answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }
}

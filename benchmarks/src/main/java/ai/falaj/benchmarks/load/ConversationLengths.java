package ai.falaj.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Lengths of requests that people really made, scaled to a context.
 *
 * <p>The built-in ones are a sample of the conversation trace of Azure's LLM inference traces 2023
 * (Patel et al., Splitwise, ISCA 2024; CC-BY 4.0); the whole trace, a CSV file with the columns
 * TIMESTAMP, ContextTokens and GeneratedTokens, can be read instead.
 */
public final class ConversationLengths {

  /**
   * Scaling maps this part of all requests into the context as they are; the longer rest is
   * shortened to it, prompt and completion alike.
   */
  private static final double FITTING_PART = 0.95;

  private static final String BUILT_IN = "azure-conversation-lengths.csv";

  private final List<RequestLength> lengths;

  private ConversationLengths(List<RequestLength> lengths) {
    if (lengths.isEmpty()) {
      throw new IllegalArgumentException("a trace holds one request or more");
    }
    this.lengths = List.copyOf(lengths);
  }

  /** A sample that needs no file. */
  public static ConversationLengths builtIn() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ConversationLengths.class.getResourceAsStream(BUILT_IN), StandardCharsets.UTF_8))) {
      return new ConversationLengths(parse(reader));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + BUILT_IN + " from the class path", e);
    }
  }

  /**
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException with the line that is no request of a trace
   */
  public static ConversationLengths ofTrace(Path csv) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(csv)) {
      return new ConversationLengths(parse(reader));
    }
  }

  /** How many requests there are to draw from. */
  public int size() {
    return lengths.size();
  }

  /**
   * Draws lengths that fit into a context, with replacement.
   *
   * @param contextTokens that prompt and completion may have together; 2 or more
   */
  public List<RequestLength> draw(int count, int contextTokens, long seed) {
    if (contextTokens < 2) {
      throw new IllegalArgumentException(
          "a context of " + contextTokens + " tokens holds no request");
    }
    int[] totals = lengths.stream().mapToInt(RequestLength::total).sorted().toArray();
    int longestFitting = totals[(int) (FITTING_PART * (totals.length - 1))];
    double scale = Math.min(1, (double) contextTokens / longestFitting);
    Random random = new Random(seed);
    List<RequestLength> drawn = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      drawn.add(scaled(lengths.get(random.nextInt(lengths.size())), scale, contextTokens));
    }
    return drawn;
  }

  private static RequestLength scaled(RequestLength length, double scale, int contextTokens) {
    double fitting = Math.min(scale, (double) contextTokens / length.total());
    int promptTokens = (int) Math.max(1, Math.floor(length.promptTokens() * fitting));
    int newTokens = (int) Math.max(1, Math.floor(length.newTokens() * fitting));
    return new RequestLength(Math.min(promptTokens, contextTokens - newTokens), newTokens);
  }

  private static List<RequestLength> parse(BufferedReader lines) throws IOException {
    List<RequestLength> lengths = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank() && !line.startsWith("#") && !line.startsWith("TIMESTAMP")) {
        lengths.add(parse(line));
      }
    }
    return lengths;
  }

  /** The last two columns; a completion of no token is taken for one of one. */
  private static RequestLength parse(String line) {
    String[] columns = line.split(",");
    try {
      int promptTokens = Integer.parseInt(columns[columns.length - 2].strip());
      int newTokens = Integer.parseInt(columns[columns.length - 1].strip());
      return new RequestLength(Math.max(1, promptTokens), Math.max(1, newTokens));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException("no request of a trace: " + line, e);
    }
  }
}

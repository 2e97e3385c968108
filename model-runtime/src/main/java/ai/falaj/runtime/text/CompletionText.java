package ai.falaj.runtime.text;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The text of one completion while its tokens arrive: bytes, code points, stop strings, channels.
 *
 * <p>Confined to the thread that drives the generation.
 */
public final class CompletionText {

  private final Utf8Assembler utf8 = new Utf8Assembler();
  private final StopStrings stops;
  private final ReasoningSplitter splitter;
  private final StringBuilder answer = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private int tokensBeforeEndOfReasoning;

  /**
   * @param insideReasoning whether the prompt already opened {@code <think>}
   */
  public CompletionText(List<String> stops, boolean insideReasoning) {
    this.stops = new StopStrings(stops);
    this.splitter = new ReasoningSplitter(insideReasoning);
  }

  /** Adds a token's bytes and returns the text that they complete. */
  public List<TextSegment> append(byte[] tokenBytes) {
    if (splitter.beforeEndOfReasoning()) {
      tokensBeforeEndOfReasoning++;
    }
    return record(splitter.append(stops.append(utf8.append(tokenBytes))));
  }

  /** Releases held-back text at the end of the generation. */
  public List<TextSegment> finish() {
    utf8.finish();
    List<TextSegment> segments = new ArrayList<>(record(splitter.append(stops.finish())));
    segments.addAll(record(splitter.finish()));
    return List.copyOf(segments);
  }

  /** Whether a stop string came: the generation is over. */
  public boolean stopped() {
    return stops.matched();
  }

  public String answer() {
    return answer.toString();
  }

  public String reasoning() {
    return reasoning.toString();
  }

  /** Tokens that carried reasoning, its tags included; 0 until its opening tag is complete. */
  public int reasoningTokens() {
    return splitter.reasoned() ? tokensBeforeEndOfReasoning : 0;
  }

  private List<TextSegment> record(List<TextSegment> segments) {
    for (TextSegment segment : segments) {
      (segment.channel() == Channel.ANSWER ? answer : reasoning).append(segment.text());
    }
    return segments;
  }
}

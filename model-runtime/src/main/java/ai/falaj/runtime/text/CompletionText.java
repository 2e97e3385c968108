package ai.falaj.runtime.text;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The text of one completion while its tokens arrive: bytes, code points, stop strings, channels,
 * tool calls.
 *
 * <p>Confined to the thread that drives the generation.
 */
public final class CompletionText {

  private final Utf8Assembler utf8 = new Utf8Assembler();
  private final StopStrings stops;
  private final ReasoningSplitter splitter;
  private final Optional<ToolCallSplitter> calls;
  private final StringBuilder answer = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private int tokensBeforeEndOfReasoning;

  /**
   * @param insideReasoning whether the prompt already opened {@code <think>}
   */
  public CompletionText(List<String> stops, boolean insideReasoning) {
    this(stops, insideReasoning, Optional.empty());
  }

  /**
   * @param calls takes tool calls out of the answer, where the model was offered tools
   */
  public CompletionText(
      List<String> stops, boolean insideReasoning, Optional<ToolCallSplitter> calls) {
    this.calls = calls;
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
    calls.ifPresent(splitCalls -> addAnswer(splitCalls.finish(), segments));
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

  /** What the model wants to call, as far as it has written it. */
  public List<ToolCall> toolCalls() {
    return calls.map(ToolCallSplitter::calls).orElse(List.of());
  }

  private List<TextSegment> record(List<TextSegment> segments) {
    List<TextSegment> told = new ArrayList<>(segments.size());
    for (TextSegment segment : segments) {
      if (segment.channel() == Channel.REASONING) {
        reasoning.append(segment.text());
        told.add(segment);
      } else {
        addAnswer(calls.isPresent() ? calls.get().append(segment.text()) : segment.text(), told);
      }
    }
    return told;
  }

  private void addAnswer(String text, List<TextSegment> told) {
    if (!text.isEmpty()) {
      answer.append(text);
      told.add(new TextSegment(Channel.ANSWER, text));
    }
  }
}

package ai.falaj.runtime.text;

import ai.falaj.runtime.ToolCall;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes the tool calls out of an answer that is being written: {@code <tool_call>{"name": ..,
 * "arguments": ..}</tool_call>}, as Qwen2.5, K2 Think and other models of the Hermes format write
 * them. The tags and what is between them never reach the reader, white space before them neither;
 * what is between them and is no call reaches the reader as it is, tags and all.
 *
 * <pre>
 * TEXT --&lt;tool_call&gt;--&gt; CALL --&lt;/tool_call&gt;--&gt; TEXT
 * </pre>
 *
 * <p>White space and a possible beginning of a tag are held back until a later character decides
 * them. The result never depends on how the text is cut. A call that lacks its closing tag at the
 * end of the text counts if it is whole otherwise. Confined to one thread.
 */
public final class ToolCallSplitter {

  private static final String OPEN = "<tool_call>";
  private static final String CLOSE = "</tool_call>";

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** White space, then the first {@link #tagLength} characters of the opening tag. */
  private final StringBuilder held = new StringBuilder();

  private final StringBuilder call = new StringBuilder();
  private final StringBuilder text = new StringBuilder();
  private final List<ToolCall> calls = new ArrayList<>();
  private final int callsBefore;
  private int tagLength;
  private boolean insideCall;

  /**
   * @param callsBefore calls that the prompt holds already: ids are counted on from there
   */
  public ToolCallSplitter(int callsBefore) {
    this.callsBefore = callsBefore;
  }

  /** The part of the answer that {@code more} completes. */
  public String append(String more) {
    for (int index = 0; index < more.length(); index++) {
      if (insideCall) {
        acceptInCall(more.charAt(index));
      } else {
        acceptInText(more.charAt(index));
      }
    }
    return take();
  }

  /** Releases what was held back: no more text comes. */
  public String finish() {
    if (insideCall) {
      insideCall = false;
      addCallOrText(call.toString(), "");
    } else if (tagLength > 0 || calls.isEmpty()) {
      text.append(held);
    }
    forgetHeld();
    return take();
  }

  /** In the order in which they were written. */
  public List<ToolCall> calls() {
    return List.copyOf(calls);
  }

  private void acceptInText(char character) {
    if (OPEN.charAt(tagLength) == character) {
      held.append(character);
      tagLength++;
      if (tagLength == OPEN.length()) {
        insideCall = true;
        tagLength = 0;
        call.setLength(0);
      }
    } else if (tagLength > 0) {
      text.append(held);
      forgetHeld();
      acceptInText(character);
    } else if (Character.isWhitespace(character)) {
      held.append(character);
    } else {
      text.append(held).append(character);
      forgetHeld();
    }
  }

  private void acceptInCall(char character) {
    call.append(character);
    int contentLength = call.length() - CLOSE.length();
    if (character == '>' && contentLength >= 0 && call.indexOf(CLOSE, contentLength) >= 0) {
      insideCall = false;
      addCallOrText(call.substring(0, contentLength), CLOSE);
      forgetHeld();
    }
  }

  private void addCallOrText(String content, String close) {
    Optional<ToolCall> parsed = parse(content);
    if (parsed.isPresent()) {
      calls.add(parsed.get());
    } else {
      text.append(held).append(content).append(close);
    }
  }

  private Optional<ToolCall> parse(String content) {
    JsonNode node;
    try {
      node = MAPPER.readTree(content);
    } catch (JsonProcessingException noJson) {
      return Optional.empty();
    }
    if (node == null || !node.path("name").isTextual()) {
      return Optional.empty();
    }
    JsonNode arguments = node.path("arguments");
    String written =
        arguments.isMissingNode()
            ? "{}"
            : arguments.isTextual() ? arguments.textValue() : arguments.toString();
    return Optional.of(
        new ToolCall(
            "call_" + (callsBefore + calls.size()), node.path("name").textValue(), written));
  }

  private void forgetHeld() {
    held.setLength(0);
    tagLength = 0;
  }

  private String take() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }
}

package ai.falaj.operators;

import ai.falaj.schemas.ToolOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;

/**
 * What the model is told of a call. Immutable.
 *
 * @param content what the tool said, or what went wrong
 */
public record ToolResult(String content, ToolOutcome outcome) {

  public ToolResult {
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(outcome, "outcome");
  }

  static ToolResult said(String content, boolean isError) {
    return new ToolResult(
        isError ? "error: " + content : content,
        isError ? ToolOutcome.FAILED : ToolOutcome.ANSWERED);
  }

  static ToolResult timedOut(Duration timeout) {
    return new ToolResult(
        "error: the tool did not answer within " + timeout.toSeconds() + " s",
        ToolOutcome.TIMED_OUT);
  }

  static ToolResult unknownTool(Collection<String> tools) {
    return new ToolResult(
        "error: there is no such tool; the tools are " + String.join(", ", tools),
        ToolOutcome.UNKNOWN_TOOL);
  }
}

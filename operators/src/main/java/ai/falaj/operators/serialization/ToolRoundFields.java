package ai.falaj.operators.serialization;

import ai.falaj.operators.ToolResult;
import ai.falaj.operators.ToolRound;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ToolCall;
import ai.falaj.schemas.ToolOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** A round of tool calls in the layout of {@link InFlightRequestSerializer}. */
final class ToolRoundFields {

  private ToolRoundFields() {}

  static void write(ToolRound round, DataOutputView target) throws IOException {
    Fields.writeText(round.content(), target);
    target.writeInt(round.usage().promptTokens());
    target.writeInt(round.usage().cachedTokens());
    target.writeInt(round.usage().reasoningTokens());
    target.writeInt(round.usage().completionTokens());
    target.writeInt(round.calls().size());
    for (ToolRound.Call call : round.calls()) {
      Fields.writeText(call.toolRequestId(), target);
      Fields.writeText(call.call().id(), target);
      Fields.writeText(call.call().name(), target);
      Fields.writeText(call.call().arguments(), target);
      target.writeBoolean(call.result().isPresent());
      if (call.result().isPresent()) {
        Fields.writeText(call.result().get().content(), target);
        Fields.writeText(call.result().get().outcome().name(), target);
      }
    }
  }

  static ToolRound read(DataInputView source) throws IOException {
    String content = Fields.readText(source);
    GenerationResult.Usage usage =
        new GenerationResult.Usage(
            source.readInt(), source.readInt(), source.readInt(), source.readInt());
    List<ToolRound.Call> calls = new ArrayList<>();
    for (int left = source.readInt(); left > 0; left--) {
      calls.add(
          new ToolRound.Call(
              Fields.readText(source),
              new ToolCall(
                  Fields.readText(source), Fields.readText(source), Fields.readText(source)),
              readResult(source)));
    }
    return new ToolRound(content, usage, calls);
  }

  private static Optional<ToolResult> readResult(DataInputView source) throws IOException {
    if (!source.readBoolean()) {
      return Optional.empty();
    }
    return Optional.of(
        new ToolResult(Fields.readText(source), ToolOutcome.valueOf(Fields.readText(source))));
  }
}

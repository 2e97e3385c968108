package ai.falaj.runtime.remote;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.remote.protocol.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tool calls of a sample, put together from their parts. Confined to the runtime's thread. */
final class ToolCallParts {

  private static final class Parts {
    private String id = "";
    private String name = "";
    private final StringBuilder arguments = new StringBuilder();
  }

  private final Map<Integer, Parts> calls = new TreeMap<>();

  void add(int index, String id, String name, String arguments) {
    Parts call = calls.computeIfAbsent(index, unused -> new Parts());
    if (!id.isEmpty()) {
      call.id = id;
    }
    if (!name.isEmpty()) {
      call.name = name;
    }
    call.arguments.append(arguments);
  }

  boolean isEmpty() {
    return calls.isEmpty();
  }

  /**
   * The calls in the order of their index. Of an answer that was cut off, without what is not
   * whole: half an argument could be taken for the whole.
   *
   * @param position of the sample, for calls that the server gave no id
   */
  List<ToolCall> calls(FinishReason reason, int position) {
    List<ToolCall> whole = new ArrayList<>();
    calls.forEach(
        (index, call) -> {
          String arguments = call.arguments.isEmpty() ? "{}" : call.arguments.toString();
          if (reason == FinishReason.TOOL_CALLS || Json.isObject(arguments)) {
            String id = call.id.isEmpty() ? "call-%d-%d".formatted(position, index) : call.id;
            whole.add(new ToolCall(id, call.name, arguments));
          }
        });
    return whole;
  }
}

package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.RuntimeLoadException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a conversation into the text that a model was trained on.
 *
 * <p>llama.cpp recognises a fixed list of templates, ChatML among them, and runs no Jinja: default
 * system prompts that a Jinja template would add are not added. Immutable; any thread.
 */
public final class ChatTemplate {

  private static final List<ChatMessage> PROBE =
      List.of(
          new ChatMessage("user", "a"),
          new ChatMessage("assistant", "b"),
          new ChatMessage("user", "c"));

  private final byte[] template;

  private ChatTemplate(byte[] template) {
    this.template = template;
  }

  /**
   * @param template Jinja text of the model file, or the name of one of llama.cpp's own such as
   *     {@code chatml}
   * @throws RuntimeLoadException if llama.cpp does not know it: guessing would silently make
   *     answers worse
   */
  public static ChatTemplate of(String template) throws RuntimeLoadException {
    ChatTemplate candidate = new ChatTemplate(LlamaBackend.CStrings.of(template));
    if (candidate.apply(PROBE, new byte[1024]) < 0) {
      throw new RuntimeLoadException(
          "llama.cpp does not know this model's chat template; name one that fits, such as chatml,"
              + " with falaj.model.chat-template");
    }
    return candidate;
  }

  /** Whether turns stand between {@code <|im_start|>} and {@code <|im_end|>}. */
  public boolean isChatMl() {
    return render(PROBE).contains("<|im_start|>user\na<|im_end|>");
  }

  /** The conversation as text, up to where the assistant's turn begins. */
  public String render(List<ChatMessage> messages) {
    byte[] buffer = new byte[1024];
    int length = apply(messages, buffer);
    if (length > buffer.length) {
      buffer = new byte[length];
      length = apply(messages, buffer);
    }
    if (length < 0) {
      throw new IllegalStateException("llama_chat_apply_template returned " + length);
    }
    return new String(Arrays.copyOf(buffer, length), StandardCharsets.UTF_8);
  }

  private int apply(List<ChatMessage> messages, byte[] buffer) {
    List<Memory> strings = new ArrayList<>(2 * messages.size());
    try (Memory array = new Memory(2L * Native.POINTER_SIZE * Math.max(1, messages.size()))) {
      for (int index = 0; index < messages.size(); index++) {
        long offset = 2L * Native.POINTER_SIZE * index;
        array.setPointer(offset, allocate(strings, messages.get(index).role()));
        array.setPointer(
            offset + Native.POINTER_SIZE, allocate(strings, messages.get(index).content()));
      }
      return LlamaLibrary.llama_chat_apply_template(
          template, array, messages.size(), (byte) 1, buffer, buffer.length);
    } finally {
      strings.forEach(Memory::close);
    }
  }

  private static Pointer allocate(List<Memory> strings, String text) {
    byte[] utf8 = LlamaBackend.CStrings.of(text);
    Memory memory = new Memory(utf8.length);
    memory.write(0, utf8, 0, utf8.length);
    strings.add(memory);
    return memory;
  }
}

package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.llamacpp.ffi.ChatTemplate;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Turns a prompt into tokens.
 *
 * <p>A message that holds the name of a control token, such as {@code <|im_end|>}, must not end its
 * own turn: the template's text is then tokenized with control tokens and the messages without,
 * piece by piece. Other conversations are tokenized as one text, exactly as llama.cpp's server
 * does. Confined to the decode thread.
 */
final class PromptEncoder {

  private static final String OPEN_REASONING = "<think>";

  /**
   * Most characters of a prompt. llama.cpp splits the text of some vocabularies (DeepSeek's,
   * Falcon's) with a regular expression engine that calls itself once per character; measured, that
   * takes 0.4 KiB of stack each, and running out of it ends the JVM.
   */
  static final int MAX_CHARACTERS = 512 * 1024;

  /** Stack of the thread that tokenizes: reserved, but used only as far as a prompt needs it. */
  static final long STACK_BYTES = 1024L * MAX_CHARACTERS;

  /** Private-use characters that no template holds; the index of a message stands between them. */
  private static final char PLACEHOLDER = '\uE0FA';

  private final TokenTable vocabulary;
  private final Optional<ChatTemplate> template;

  PromptEncoder(TokenTable vocabulary, Optional<ChatTemplate> template) {
    this.vocabulary = vocabulary;
    this.template = template;
  }

  /** Whether conversations become ChatML, which a format of tool calls belongs to. */
  boolean speaksChatMl() {
    return template.map(ChatTemplate::isChatMl).orElse(false);
  }

  /**
   * A prompt as tokens.
   *
   * @param insideReasoning whether the prompt ends inside an open {@code <think>}
   */
  record Encoded(int[] tokens, boolean insideReasoning) {}

  /**
   * @throws GenerationException with {@link RuntimeErrorCode#EMPTY_PROMPT} or {@code
   *     UNSUPPORTED_PARAMETER}
   */
  Encoded encode(String requestId, Prompt prompt) throws GenerationException {
    Encoded encoded = encodeAny(requestId, prompt);
    if (encoded.tokens().length == 0) {
      throw emptyPrompt(requestId);
    }
    return encoded;
  }

  private Encoded encodeAny(String requestId, Prompt prompt) throws GenerationException {
    if (prompt instanceof Prompt.Chat chat) {
      return encodeChat(requestId, chat.messages());
    }
    if (prompt instanceof Prompt.Raw raw) {
      requireLength(requestId, raw.text().length());
      return new Encoded(vocabulary.tokenize(raw.text(), true, true), opensReasoning(raw.text()));
    }
    return new Encoded(checkedTokens(requestId, ((Prompt.Tokens) prompt).ids()), false);
  }

  private Encoded encodeChat(String requestId, List<ChatMessage> messages)
      throws GenerationException {
    if (messages.stream().allMatch(message -> message.content().isBlank())) {
      throw emptyPrompt(requestId);
    }
    requireLength(requestId, messages.stream().mapToLong(m -> m.content().length()).sum());
    ChatTemplate chatTemplate =
        template.orElseThrow(
            () ->
                new GenerationException(
                    requestId,
                    RuntimeErrorCode.UNSUPPORTED_PARAMETER,
                    "the model was loaded without a chat template and takes raw text only"));
    String text = chatTemplate.render(messages);
    boolean apart =
        messages.stream().map(ChatMessage::content).anyMatch(this::needsTokenizingApart);
    int[] tokens =
        apart ? tokenizeApart(chatTemplate, messages) : vocabulary.tokenize(text, true, true);
    return new Encoded(tokens, opensReasoning(text));
  }

  /** Names of control tokens are text here, and C ends a string at its first zero. */
  private boolean needsTokenizingApart(String content) {
    return content.indexOf('\0') >= 0 || vocabulary.containsControlText(content);
  }

  private static void requireLength(String requestId, long characters) throws GenerationException {
    if (characters > MAX_CHARACTERS) {
      throw new GenerationException(
          requestId,
          RuntimeErrorCode.PROMPT_TOO_LONG,
          "the prompt has %d characters; at most %d can be tokenized, shorten it"
              .formatted(characters, MAX_CHARACTERS));
    }
  }

  /** Control tokens are recognised in what the template adds, not in what the messages say. */
  private int[] tokenizeApart(ChatTemplate chatTemplate, List<ChatMessage> messages) {
    List<ChatMessage> placeholders = new ArrayList<>(messages.size());
    for (int index = 0; index < messages.size(); index++) {
      placeholders.add(
          new ChatMessage(messages.get(index).role(), "" + PLACEHOLDER + index + PLACEHOLDER));
    }
    String[] parts = chatTemplate.render(placeholders).split(String.valueOf(PLACEHOLDER), -1);
    IntStream tokens = IntStream.empty();
    for (int part = 0; part < parts.length; part++) {
      boolean isMessage = part % 2 == 1;
      String text = isMessage ? messages.get(Integer.parseInt(parts[part])).content() : parts[part];
      tokens =
          IntStream.concat(tokens, IntStream.of(vocabulary.tokenize(text, part == 0, !isMessage)));
    }
    return tokens.toArray();
  }

  private int[] checkedTokens(String requestId, List<Integer> ids) throws GenerationException {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary.size()) {
        throw new GenerationException(
            requestId,
            RuntimeErrorCode.INVALID_PARAMETER,
            "token " + id + " is not in the model's vocabulary of " + vocabulary.size());
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean opensReasoning(String text) {
    return text.stripTrailing().endsWith(OPEN_REASONING);
  }

  private static GenerationException emptyPrompt(String requestId) {
    return new GenerationException(
        requestId,
        RuntimeErrorCode.EMPTY_PROMPT,
        "the prompt is empty; send at least one message with content");
  }
}

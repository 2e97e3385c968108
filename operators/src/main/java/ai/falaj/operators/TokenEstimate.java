package ai.falaj.operators;

/**
 * Estimates tokens where no tokenizer is at hand. For bounds, not for billing: a little
 * pessimistic. Stateless.
 */
final class TokenEstimate {

  /**
   * Of English text in UTF-8, a little pessimistic. Arabic has more bytes per character and about
   * as many per token.
   */
  private static final int BYTES_PER_TOKEN = 3;

  /** What a chat template puts around a message. */
  private static final int TOKENS_PER_MESSAGE = 8;

  private TokenEstimate() {}

  /** Of a message with this text. */
  static long ofMessage(String content) {
    return TOKENS_PER_MESSAGE + ofText(content);
  }

  static long ofText(String text) {
    return Texts.utf8Bytes(text) / BYTES_PER_TOKEN;
  }
}

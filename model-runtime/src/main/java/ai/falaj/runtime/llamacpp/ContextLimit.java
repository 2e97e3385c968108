package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.gguf.GgufRopeScaling;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings.Rope;
import java.util.Locale;
import java.util.Optional;

/**
 * The longest context of a model: what it was trained with, times what rope scaling stretches it
 * by. Scaling is the spec's where it names one, else the file's. Immutable.
 *
 * @param trainedTokens before stretching
 * @param longestTokens after stretching
 * @param scaling in words for a message, such as {@code YARN with factor 4.0}; absent: none
 * @param override what llama.cpp must be told; absent: what it reads from the file is right
 */
record ContextLimit(
    int trainedTokens, int longestTokens, Optional<String> scaling, Optional<Rope> override) {

  /**
   * @throws RuntimeLoadException if the file's scaling is of a kind that llama.cpp does not know
   */
  static ContextLimit of(GgufHeader header, Optional<RopeScaling> wanted)
      throws RuntimeLoadException {
    Optional<GgufRopeScaling> own = header.ropeScaling();
    if (own.isPresent() && !own.get().isKnown()) {
      throw new RuntimeLoadException(
          "%s scales its rope by '%s', which llama.cpp does not know; convert the model again"
              .formatted(header.file(), own.get().type()));
    }
    int original = own.map(GgufRopeScaling::originalContextLength).filter(n -> n > 0).orElse(0);
    if (wanted.isPresent()) {
      return stretched(original > 0 ? original : header.contextLength(), wanted.get());
    }
    if (own.isEmpty() || !own.get().stretches()) {
      int trained = header.contextLength();
      return new ContextLimit(trained, trained, Optional.empty(), Optional.empty());
    }
    // Converters write either the trained or the stretched length as the context's.
    int trained = original > 0 ? original : header.contextLength();
    return new ContextLimit(
        trained,
        Math.max(header.contextLength(), product(trained, own.get().factor())),
        Optional.of(words(own.get().type().toUpperCase(Locale.ROOT), own.get().factor())),
        Optional.empty());
  }

  /**
   * @throws RuntimeLoadException naming the trained context, the scaling, and what to set
   */
  void require(int contextTokens, GgufHeader header) throws RuntimeLoadException {
    if (contextTokens <= longestTokens) {
      return;
    }
    String stretching =
        scaling
            .map(words -> ", which %s stretches to %d".formatted(words, longestTokens))
            .orElse("");
    throw new RuntimeLoadException(
        "the context is %d tokens but %s was trained with %d%s; %s"
            .formatted(
                contextTokens, header.file(), trainedTokens, stretching, remedy(contextTokens)));
  }

  private String remedy(int contextTokens) {
    String lower = "lower falaj.runtime.context-tokens to " + longestTokens;
    double factor = Math.ceil(10.0 * contextTokens / Math.max(1, trainedTokens)) / 10;
    return factor > RopeScaling.MAX_FACTOR
        ? lower
        : "%s, or set falaj.runtime.rope-scaling.method to YARN with a factor of %s"
            .formatted(lower, factor);
  }

  private static ContextLimit stretched(int original, RopeScaling wanted) {
    int type = wanted.method() == RopeScaling.Method.YARN ? Rope.YARN : Rope.LINEAR;
    return new ContextLimit(
        original,
        product(original, wanted.factor()),
        Optional.of(words(wanted.method().name(), wanted.factor())),
        Optional.of(new Rope(type, wanted.factor(), original)));
  }

  private static String words(String method, double factor) {
    return method + " with factor " + factor;
  }

  private static int product(int tokens, double factor) {
    return (int) Math.min(Integer.MAX_VALUE, Math.floor(tokens * factor));
  }
}

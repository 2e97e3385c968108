package ai.falaj.runtime.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes a tiny model with random weights that llama.cpp loads and runs: enough to test scheduling,
 * equality, streaming and faults without a download. What it says is noise, but the same noise for
 * the same seed.
 *
 * <p>Qwen2 architecture (K2 Think's own): {@value #LAYERS} layers of width {@value #WIDTH}, {@value
 * #HEADS} heads, {@value #KV_HEADS} of them for keys and values, byte-level BPE so that any text
 * can be tokenized, ChatML template and tokens, {@code <think>} and {@code <answer>} tags as tokens
 * of their own, end of turn {@code <|im_end|>}. About half a megabyte.
 */
public final class TinyModels {

  public static final int LAYERS = 2;
  public static final int WIDTH = 64;
  public static final int HEADS = 4;
  public static final int KV_HEADS = 2;
  public static final int CONTEXT_TOKENS = 4096;

  public static final int LORA_RANK = 4;

  private static final int FEED_FORWARD_WIDTH = 128;

  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  private static final String END_OF_TURN = "<|im_end|>";

  /** A logit that no other is below by chance. */
  private static final double NEVER = -1000;

  private static final List<String> CONTROL_TOKENS =
      List.of("<|endoftext|>", "<|im_start|>", END_OF_TURN);
  private static final List<String> TAG_TOKENS =
      List.of("<think>", "</think>", "<answer>", "</answer>");

  /** Words whose pieces become tokens; a leading space belongs to a word, as in GPT-2's BPE. */
  private static final List<String> WORDS =
      List.of(
          " the",
          " and",
          " of",
          " to",
          " in",
          " is",
          " water",
          " river",
          " stream",
          " field",
          " answer",
          " question",
          " because",
          " therefore",
          " number",
          " channel",
          " prompt",
          " model",
          " token",
          " think",
          "system",
          "user",
          "assistant",
          "ing",
          "tion",
          "er",
          " ماء",
          " فلج");

  private static final String CHATML_TEMPLATE =
      "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content']"
          + " + '<|im_end|>' + '\\n'}}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

  private static final String QWEN2_SPLITTER = "qwen2";

  private TinyModels() {}

  /**
   * Writes a model that never ends its turn by itself.
   *
   * @param seed of the weights
   * @return {@code file}
   */
  public static Path writeQwen2(Path file, long seed) throws IOException {
    return qwen2(seed, NEVER, QWEN2_SPLITTER).writeTo(file);
  }

  /**
   * Writes a model whose file says more about itself, such as how its rope is scaled.
   *
   * @param metadata adds entries; it must repeat none that is there
   * @return {@code file}
   */
  public static Path writeQwen2With(Path file, long seed, Consumer<GgufBuilder> metadata)
      throws IOException {
    GgufBuilder builder = qwen2(seed, NEVER, QWEN2_SPLITTER);
    metadata.accept(builder);
    return builder.writeTo(file);
  }

  /**
   * Writes a model whose file names another way to split text before it is tokenized.
   *
   * @param preTokenizer llama.cpp's name of it, such as {@code deepseek-llm}
   * @return {@code file}
   */
  public static Path writeSplittingLike(Path file, long seed, String preTokenizer)
      throws IOException {
    return qwen2(seed, NEVER, preTokenizer).writeTo(file);
  }

  /**
   * Writes a model that ends its turn whenever no other token is likelier.
   *
   * @param endOfTurnLogit logit of {@code <|im_end|>} at every step. The best of the other tokens
   *     mostly lies between 8 and 13: greedy turns have hundreds of tokens at 8, a handful at 10,
   *     and none at 14
   * @return {@code file}
   */
  public static Path writeQwen2EndingTurns(Path file, long seed, double endOfTurnLogit)
      throws IOException {
    return qwen2(seed, endOfTurnLogit, QWEN2_SPLITTER).writeTo(file);
  }

  /**
   * Writes a LoRA adapter of rank {@value #LORA_RANK} that changes what the models above say.
   *
   * @param seed of its weights
   * @param architecture {@code qwen2} for those models
   * @return {@code file}
   */
  public static Path writeLora(Path file, long seed, String architecture) throws IOException {
    Random random = new Random(seed);
    GgufBuilder builder =
        new GgufBuilder()
            .text("general.type", "adapter")
            .text("general.architecture", architecture)
            .text("adapter.type", "lora")
            .float32("adapter.lora.alpha", LORA_RANK);
    for (int layer = 0; layer < LAYERS; layer++) {
      lora(builder, random, "blk." + layer + ".attn_output.weight", WIDTH, WIDTH);
      lora(builder, random, "blk." + layer + ".ffn_down.weight", FEED_FORWARD_WIDTH, WIDTH);
    }
    return builder.writeTo(file);
  }

  private static void lora(
      GgufBuilder file, Random random, String weight, int inputs, int outputs) {
    matrix(file, random, weight + ".lora_a", scaleFor(inputs), inputs, LORA_RANK);
    matrix(file, random, weight + ".lora_b", scaleFor(LORA_RANK), LORA_RANK, outputs);
  }

  private static GgufBuilder qwen2(long seed, double endOfTurnLogit, String preTokenizer) {
    Vocabulary vocabulary = Vocabulary.build();
    GgufBuilder file =
        new GgufBuilder()
            .text("general.architecture", "qwen2")
            .text("general.name", "Falaj tiny random model")
            .uint32("general.file_type", 0)
            .uint32("qwen2.block_count", LAYERS)
            .uint32("qwen2.context_length", CONTEXT_TOKENS)
            .uint32("qwen2.embedding_length", WIDTH)
            .uint32("qwen2.feed_forward_length", FEED_FORWARD_WIDTH)
            .uint32("qwen2.attention.head_count", HEADS)
            .uint32("qwen2.attention.head_count_kv", KV_HEADS)
            .float32("qwen2.attention.layer_norm_rms_epsilon", 1e-6f)
            .float32("qwen2.rope.freq_base", 10_000f);
    vocabulary.addTo(file);
    file.text("tokenizer.ggml.pre", preTokenizer);
    addWeights(file, new Random(seed), vocabulary.tokens().size());
    addOutput(file, new Random(~seed), vocabulary.tokens(), endOfTurnLogit);
    return file;
  }

  /**
   * Rows of the control tokens are zero, so that their logits are those of the bias alone. The
   * other rows are larger than training would leave them, so that the best token stands out from
   * the second by more than what rounding changes between batch shapes.
   */
  private static void addOutput(
      GgufBuilder file, Random random, List<String> tokens, double endOfTurnLogit) {
    int firstControlToken = tokens.size() - CONTROL_TOKENS.size();
    file.tensor(
        "output.weight",
        i -> i / WIDTH < firstControlToken ? 0.5 * random.nextGaussian() : 0,
        WIDTH,
        tokens.size());
    file.tensor(
        "output.bias",
        token -> {
          if (token < firstControlToken) {
            return 0;
          }
          return tokens.get(token).equals(END_OF_TURN) ? endOfTurnLogit : NEVER;
        },
        tokens.size());
  }

  private static void addWeights(GgufBuilder file, Random random, int vocabularySize) {
    int kvWidth = WIDTH / HEADS * KV_HEADS;
    matrix(file, random, "token_embd.weight", 1.0, WIDTH, vocabularySize);
    ones(file, "output_norm.weight");
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "blk." + layer + ".";
      ones(file, prefix + "attn_norm.weight");
      ones(file, prefix + "ffn_norm.weight");
      matrix(file, random, prefix + "attn_q.weight", scaleFor(WIDTH), WIDTH, WIDTH);
      matrix(file, random, prefix + "attn_k.weight", scaleFor(WIDTH), WIDTH, kvWidth);
      matrix(file, random, prefix + "attn_v.weight", scaleFor(WIDTH), WIDTH, kvWidth);
      file.tensor(prefix + "attn_q.bias", i -> 0.1 * random.nextGaussian(), WIDTH);
      file.tensor(prefix + "attn_k.bias", i -> 0.1 * random.nextGaussian(), kvWidth);
      file.tensor(prefix + "attn_v.bias", i -> 0.1 * random.nextGaussian(), kvWidth);
      matrix(file, random, prefix + "attn_output.weight", scaleFor(WIDTH), WIDTH, WIDTH);
      matrix(file, random, prefix + "ffn_gate.weight", scaleFor(WIDTH), WIDTH, FEED_FORWARD_WIDTH);
      matrix(file, random, prefix + "ffn_up.weight", scaleFor(WIDTH), WIDTH, FEED_FORWARD_WIDTH);
      matrix(
          file,
          random,
          prefix + "ffn_down.weight",
          scaleFor(FEED_FORWARD_WIDTH),
          FEED_FORWARD_WIDTH,
          WIDTH);
    }
  }

  /** Keeps the size of activations through a matrix. */
  private static double scaleFor(int inputs) {
    return 1 / Math.sqrt(inputs);
  }

  private static void matrix(
      GgufBuilder file, Random random, String name, double scale, int inputs, int outputs) {
    file.tensor(name, i -> scale * random.nextGaussian(), inputs, outputs);
  }

  private static void ones(GgufBuilder file, String name) {
    file.tensor(name, i -> 1, WIDTH);
  }

  /**
   * Byte-level BPE: one token per byte, one per prefix of each word (so that greedy merging builds
   * the word from its left), then tags and control tokens.
   */
  private record Vocabulary(List<String> tokens, List<Integer> types, List<String> merges) {

    static Vocabulary build() {
      Map<Byte, String> symbols = byteSymbols();
      Set<String> pieces = new LinkedHashSet<>();
      for (int value = 0; value < 256; value++) {
        pieces.add(symbols.get((byte) value));
      }
      Set<String> merges = new LinkedHashSet<>();
      for (String word : WORDS) {
        String prefix = "";
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
          String symbol = symbols.get(b);
          if (!prefix.isEmpty()) {
            merges.add(prefix + " " + symbol);
            pieces.add(prefix + symbol);
          }
          prefix += symbol;
        }
      }
      List<String> tokens = new ArrayList<>(pieces);
      List<Integer> types = new ArrayList<>(Collections.nCopies(tokens.size(), NORMAL));
      tokens.addAll(TAG_TOKENS);
      types.addAll(Collections.nCopies(TAG_TOKENS.size(), USER_DEFINED));
      tokens.addAll(CONTROL_TOKENS);
      types.addAll(Collections.nCopies(CONTROL_TOKENS.size(), CONTROL));
      return new Vocabulary(tokens, types, List.copyOf(merges));
    }

    void addTo(GgufBuilder file) {
      file.text("tokenizer.ggml.model", "gpt2")
          .texts("tokenizer.ggml.tokens", tokens)
          .int32s("tokenizer.ggml.token_type", types)
          .texts("tokenizer.ggml.merges", merges)
          .uint32("tokenizer.ggml.bos_token_id", tokens.indexOf("<|endoftext|>"))
          .uint32("tokenizer.ggml.eos_token_id", tokens.indexOf(END_OF_TURN))
          .uint32("tokenizer.ggml.padding_token_id", tokens.indexOf("<|endoftext|>"))
          .bool("tokenizer.ggml.add_bos_token", false)
          .text("tokenizer.chat_template", CHATML_TEMPLATE);
    }

    /**
     * GPT-2's way to write bytes as printable characters: those that print stand for themselves,
     * the others follow from U+0100 on.
     */
    private static Map<Byte, String> byteSymbols() {
      Map<Byte, String> symbols = new HashMap<>();
      int next = 0x100;
      for (int value = 0; value < 256; value++) {
        boolean prints =
            (value >= '!' && value <= '~')
                || (value >= 0xA1 && value <= 0xAC)
                || (value >= 0xAE && value <= 0xFF);
        symbols.put((byte) value, Character.toString(prints ? value : next++));
      }
      return symbols;
    }
  }
}

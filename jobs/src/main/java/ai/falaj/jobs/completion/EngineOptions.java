package ai.falaj.jobs.completion;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.KvType;
import ai.falaj.runtime.llamacpp.RopeScaling;
import ai.falaj.runtime.llamacpp.Speculation;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * The options of the llama.cpp engine that decide how it uses memory and time; part of {@link
 * CompletionOptions}. What the model is and how much it serves at once stands there.
 */
public final class EngineOptions {

  public static final ConfigOption<KvLayout> KV_LAYOUT =
      key("falaj.runtime.kv.layout")
          .enumType(KvLayout.class)
          .defaultValue(KvLayout.PER_SEQUENCE)
          .withDescription(
              "How sequences hold their KV entries. PER_SEQUENCE decodes fastest on processors and"
                  + " reserves a whole context for each; SHARED holds more and longer sequences in"
                  + " the same memory and lets them share a common prefix, but attention reads the"
                  + " whole pool, and when it is full the newest sequence is computed again later.");

  public static final ConfigOption<Integer> KV_POOL_TOKENS =
      key("falaj.runtime.kv.pool-tokens")
          .intType()
          .noDefaultValue()
          .withDescription(
              "KV entries of the SHARED layout, at least falaj.runtime.context-tokens. Fewer save"
                  + " memory and preempt more often. Default: a whole context for each sequence.");

  public static final ConfigOption<KvType> KV_KEY_TYPE =
      key("falaj.runtime.kv.key-type")
          .enumType(KvType.class)
          .defaultValue(KvType.F16)
          .withDescription(
              "Number format of keys in the KV cache. Q8_0 takes half of F16 and costs little"
                  + " quality; 4 and 5 bits cost more.");

  public static final ConfigOption<KvType> KV_VALUE_TYPE =
      key("falaj.runtime.kv.value-type")
          .enumType(KvType.class)
          .defaultValue(KvType.F16)
          .withDescription(
              "Number format of values in the KV cache. Formats below 16 bits need flash"
                  + " attention, which not every model has.");

  public static final ConfigOption<RopeScaling.Method> ROPE_SCALING_METHOD =
      key("falaj.runtime.rope-scaling.method")
          .enumType(RopeScaling.Method.class)
          .noDefaultValue()
          .withDescription(
              "Stretches the context beyond what the model was trained with, in place of what its"
                  + " file says; YARN keeps more quality than LINEAR. Needs the factor. Default: as"
                  + " the file says.");

  public static final ConfigOption<Double> ROPE_SCALING_FACTOR =
      key("falaj.runtime.rope-scaling.factor")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "The trained context times this is the longest context; above 1, at most "
                  + (int) RopeScaling.MAX_FACTOR
                  + ". Larger costs quality for short prompts too.");

  public static final ConfigOption<MemorySize> PREFIX_STORE_SIZE =
      key("falaj.runtime.prefix-store.size")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(256))
          .withDescription(
              "Memory outside the Java heap for prompt beginnings whose slot another request"
                  + " needed. More spares prefill where many prompts share a few instructions; 0"
                  + " keeps none. Plan it into taskmanager.memory.task.off-heap.size.");

  public static final ConfigOption<Double> PREFILL_STRETCH =
      key("falaj.runtime.prefill-stretch")
          .doubleType()
          .defaultValue(24.0)
          .withDescription(
              "A step that reads prompts takes at most about this many times as long as one that"
                  + " only writes; 1 or more. Lower keeps running answers smooth, higher brings new"
                  + " ones to their first token earlier.");

  public static final ConfigOption<Speculation.Mode> SPECULATION_MODE =
      key("falaj.runtime.speculation.mode")
          .enumType(Speculation.Mode.class)
          .defaultValue(Speculation.Mode.OFF)
          .withDescription(
              "Where tokens are guessed ahead from: PROMPT_LOOKUP repeats what followed the same"
                  + " tokens before, DRAFT_MODEL asks a smaller model. Never changes what is"
                  + " written; pays where few requests run on hardware that waits for memory.");

  public static final ConfigOption<Integer> SPECULATION_MAX_DRAFT_TOKENS =
      key("falaj.runtime.speculation.max-draft-tokens")
          .intType()
          .defaultValue(8)
          .withDescription(
              "Most guesses per request and step, 1 to "
                  + Speculation.MAX_DRAFT_TOKENS
                  + ". More gain where guesses are good and waste work where they are not.");

  public static final ConfigOption<Integer> SPECULATION_MAX_SEQUENCES =
      key("falaj.runtime.speculation.max-sequences")
          .intType()
          .defaultValue(1)
          .withDescription(
              "Guessing pauses while more requests than this are being written: a full batch has no"
                  + " idle hardware to guess with.");

  public static final ConfigOption<String> SPECULATION_DRAFT_MODEL =
      key("falaj.runtime.speculation.draft-model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Model of DRAFT_MODEL: a name of the catalogue or a path on the TaskManager. It needs"
                  + " the same vocabulary, and memory of its own.");

  public static final ConfigOption<List<String>> ADAPTERS =
      key("falaj.runtime.adapters")
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription(
              "LoRA adapters that requests may name, as NAME=PATH or NAME=PATH@SCALE separated by"
                  + " semicolons; the files lie on the TaskManager. Each takes memory beside the"
                  + " model whether it is used or not.");

  public static final ConfigOption<Boolean> RELOAD_ON_CHANGE =
      key("falaj.runtime.reload-on-change")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether the model is loaded anew, without a restart and without dropping requests,"
                  + " when another file is renamed onto its own. Takes a look at the file every few"
                  + " seconds, and memory for both models if it is to be without a pause.");

  public static final ConfigOption<String> CRASH_DIRECTORY =
      key("falaj.runtime.crash-directory")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Folder of the TaskManager that remembers for a day which requests the engine crashed"
                  + " on; it must outlive the process, so in a container it lies on a volume."
                  + " Default: crashes in Falaj's cache.");

  private EngineOptions() {}

  /** In the order of the documentation. */
  static List<ConfigOption<?>> all() {
    return List.of(
        KV_LAYOUT,
        KV_POOL_TOKENS,
        KV_KEY_TYPE,
        KV_VALUE_TYPE,
        ROPE_SCALING_METHOD,
        ROPE_SCALING_FACTOR,
        PREFIX_STORE_SIZE,
        PREFILL_STRETCH,
        SPECULATION_MODE,
        SPECULATION_MAX_DRAFT_TOKENS,
        SPECULATION_MAX_SEQUENCES,
        SPECULATION_DRAFT_MODEL,
        ADAPTERS,
        RELOAD_ON_CHANGE,
        CRASH_DIRECTORY);
  }
}

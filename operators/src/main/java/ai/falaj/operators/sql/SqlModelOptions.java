package ai.falaj.operators.sql;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.RetryPolicy;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.remote.protocol.Reasoning;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * Options of {@code CREATE MODEL ... WITH ('provider' = 'falaj', ...)}. Those that Flink's own
 * {@code openai} provider has too have its names.
 */
public final class SqlModelOptions {

  /** Followed by a column's name and one of {@link FieldOptions}. */
  static final String FIELDS_PREFIX = "fields.";

  static final String LLAMA_CPP = "llamacpp";

  public static final ConfigOption<String> MODEL =
      key("model")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "With engine llamacpp a name that 'falaj model list' shows, or the path of a .gguf file"
                  + " on the TaskManagers; else the model as the server names it.");

  public static final ConfigOption<String> ENGINE =
      key("engine")
          .stringType()
          .defaultValue(LLAMA_CPP)
          .withDescription(
              "What generates: llamacpp in the TaskManager, or the preset of a server, such as vllm,"
                  + " openai or k2-think-cerebras.");

  public static final ConfigOption<String> ENDPOINT =
      key("endpoint")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "URL of the server, such as http://vllm:8000/v1; a /chat/completions at its end is left"
                  + " out. Default: the preset's.");

  public static final ConfigOption<String> API_KEY =
      key("api-key")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Where the TaskManagers find the key: env:VARIABLE, file:PATH or none. Never the key"
                  + " itself, as SHOW CREATE MODEL shows options. Default: the preset's variable.");

  public static final ConfigOption<String> SYSTEM_PROMPT =
      key("system-prompt")
          .stringType()
          .noDefaultValue()
          .withDescription("The system message. Rows share its prefill. Default: none.");

  public static final ConfigOption<String> PROMPT_TEMPLATE =
      key("prompt-template")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The user message as a Mustache template over the input columns: {{column}}. Default:"
                  + " the only input column as it is.");

  public static final ConfigOption<List<String>> ROW_OPTIONS =
      key("row-options")
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription(
              "Options that each row may set, separated by semicolons; each is an input column of"
                  + " that name, with underscores for hyphens: "
                  + RowOption.names()
                  + ". NULL takes the model's.");

  public static final ConfigOption<Double> TEMPERATURE =
      key("temperature")
          .doubleType()
          .noDefaultValue()
          .withDescription("0 is greedy; at most 2. Default: 1.");

  public static final ConfigOption<Double> TOP_P =
      key("top-p")
          .doubleType()
          .noDefaultValue()
          .withDescription("Keep the most likely tokens of this probability. Default: all.");

  public static final ConfigOption<Integer> TOP_K =
      key("top-k")
          .intType()
          .noDefaultValue()
          .withDescription("Keep this many of the most likely tokens. Default: all.");

  public static final ConfigOption<Double> MIN_P =
      key("min-p")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Keep tokens at least this fraction as likely as the most likely one. Default: all.");

  public static final ConfigOption<Double> PRESENCE_PENALTY =
      key("presence-penalty")
          .doubleType()
          .noDefaultValue()
          .withDescription("Makes tokens that came before less likely; -2 to 2. Default: 0.");

  public static final ConfigOption<Double> FREQUENCY_PENALTY =
      key("frequency-penalty")
          .doubleType()
          .noDefaultValue()
          .withDescription("The same, once per occurrence; -2 to 2. Default: 0.");

  public static final ConfigOption<Integer> MAX_TOKENS =
      key("max-tokens")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Most tokens of an answer, reasoning included. A JSON answer that is cut is an error."
                  + " Default: up to the end of the context.");

  public static final ConfigOption<Long> SEED =
      key("seed")
          .longType()
          .noDefaultValue()
          .withDescription("The same for every row. Default: one is drawn for each.");

  public static final ConfigOption<String> STOP =
      key("stop")
          .stringType()
          .noDefaultValue()
          .withDescription("Strings before which an answer ends, separated by commas.");

  public static final ConfigOption<Integer> N =
      key("n")
          .intType()
          .defaultValue(1)
          .withDescription("Answers per row; only 1, so that each row stays one row.");

  public static final ConfigOption<Integer> REASONING_BUDGET_TOKENS =
      key("reasoning-budget-tokens")
          .intType()
          .noDefaultValue()
          .withDescription("Reasoning is closed after so many tokens. Default: never.");

  public static final ConfigOption<String> ADAPTER =
      key("adapter")
          .stringType()
          .noDefaultValue()
          .withDescription("Servers: LoRA adapter that it has. Default: the bare model.");

  public static final ConfigOption<String> TENANT =
      key("tenant")
          .stringType()
          .noDefaultValue()
          .withDescription("Whose share of the runtime the requests use. Default: none.");

  public static final ConfigOption<Integer> PRIORITY =
      key("priority")
          .intType()
          .defaultValue(0)
          .withDescription("Higher is served earlier by the shared runtime.");

  public static final ConfigOption<ErrorHandlingStrategy> ERROR_HANDLING_STRATEGY =
      key("error-handling-strategy")
          .enumType(ErrorHandlingStrategy.class)
          .defaultValue(ErrorHandlingStrategy.NULL)
          .withDescription("What becomes of a row after its last attempt failed.");

  public static final ConfigOption<String> ERROR_COLUMN =
      key("error-column")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "STRING column of OUTPUT that gets CODE: message where a row failed and NULL where not;"
                  + " the model does not see it.");

  public static final ConfigOption<Integer> RETRY_NUM =
      key("retry-num")
          .intType()
          .defaultValue(RetryPolicy.DEFAULT.maxAttempts() - 1)
          .withDescription(
              "Further attempts after failures that may pass (docs/ERRORS.md: retry).");

  public static final ConfigOption<Duration> RETRY_INITIAL_BACKOFF =
      key("retry-initial-backoff")
          .durationType()
          .defaultValue(RetryPolicy.DEFAULT.initialBackoff())
          .withDescription("Bound of the first wait between attempts; it doubles, with jitter.");

  public static final ConfigOption<Duration> RETRY_MAX_BACKOFF =
      key("retry-max-backoff")
          .durationType()
          .defaultValue(RetryPolicy.DEFAULT.maxBackoff())
          .withDescription("Bound of all waits.");

  public static final ConfigOption<Integer> INVALID_OUTPUT_RETRY_NUM =
      key("invalid-output-retry-num")
          .intType()
          .defaultValue(1)
          .withDescription(
              "How often the model is asked again for an answer that does not fit the columns, told"
                  + " what was wrong and with another seed.");

  public static final ConfigOption<Duration> REQUEST_TIMEOUT =
      key("request-timeout")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "For a row, all attempts together; then it counts as failed. Below Flink's timeout of"
                  + " the operator, which fails the job. Default: nine tenths of that.");

  public static final ConfigOption<Integer> MAX_CONTEXT_SIZE =
      key("max-context-size")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Tokens of prompt and answer that one request may hold; longer prompts are errors."
                  + " Default: 2048 with llamacpp.");

  public static final ConfigOption<Integer> MAX_SEQUENCES =
      key("max-sequences")
          .intType()
          .noDefaultValue()
          .withDescription(
              "llamacpp: requests that a TaskManager computes at once. More raise throughput and take"
                  + " memory for a context each. Default: 16.");

  public static final ConfigOption<Integer> THREADS =
      key("threads")
          .intType()
          .noDefaultValue()
          .withDescription("llamacpp: compute threads. Default: the TaskManager's cores.");

  public static final ConfigOption<Integer> GPU_LAYERS =
      key("gpu-layers")
          .intType()
          .noDefaultValue()
          .withDescription("llamacpp: layers that a GPU computes. Default: all that fit.");

  public static final ConfigOption<String> CHAT_TEMPLATE =
      key("chat-template")
          .stringType()
          .noDefaultValue()
          .withDescription("llamacpp: name of a template in place of the file's, or none.");

  public static final ConfigOption<KvLayout> KV_LAYOUT =
      key("kv-layout")
          .enumType(KvLayout.class)
          .noDefaultValue()
          .withDescription(
              "llamacpp: PER_SEQUENCE decodes fastest on processors, SHARED holds more in the same"
                  + " memory. Default: PER_SEQUENCE.");

  public static final ConfigOption<MemorySize> PREFIX_STORE_SIZE =
      key("prefix-store-size")
          .memoryType()
          .noDefaultValue()
          .withDescription("llamacpp: memory for prompt beginnings. Default: 256 MB.");

  public static final ConfigOption<Reasoning> REASONING =
      key("reasoning")
          .enumType(Reasoning.class)
          .noDefaultValue()
          .withDescription("Servers: where answers carry what the model thought.");

  public static final ConfigOption<Integer> MAX_CONCURRENCY =
      key("max-concurrency")
          .intType()
          .noDefaultValue()
          .withDescription("Servers: most requests of a TaskManager under way. Default: 1024.");

  public static final ConfigOption<Long> REQUESTS_PER_MINUTE =
      key("requests-per-minute")
          .longType()
          .noDefaultValue()
          .withDescription("Servers: of a TaskManager; more wait. Default: no limit.");

  public static final ConfigOption<Long> TOKENS_PER_MINUTE =
      key("tokens-per-minute")
          .longType()
          .noDefaultValue()
          .withDescription("Servers: of a TaskManager; more wait. Default: no limit.");

  public static final ConfigOption<String> EXTRA_BODY =
      key("extra-body")
          .stringType()
          .noDefaultValue()
          .withDescription("Servers: JSON object with fields for every request.");

  public static final ConfigOption<Boolean> CHECK_AT_OPEN =
      key("check-at-open")
          .booleanType()
          .noDefaultValue()
          .withDescription(
              "Servers: whether a wrong address or key fails the job when it starts. Default: true.");

  /** Options that only the engine in the TaskManager has. */
  static final List<ConfigOption<?>> OF_LLAMA_CPP =
      List.of(MAX_SEQUENCES, THREADS, GPU_LAYERS, CHAT_TEMPLATE, KV_LAYOUT, PREFIX_STORE_SIZE);

  /** Options that only servers have. */
  static final List<ConfigOption<?>> OF_SERVERS =
      List.of(
          ENDPOINT,
          API_KEY,
          ADAPTER,
          REASONING,
          MAX_CONCURRENCY,
          REQUESTS_PER_MINUTE,
          TOKENS_PER_MINUTE,
          EXTRA_BODY,
          CHECK_AT_OPEN);

  private SqlModelOptions() {}

  static Set<ConfigOption<?>> required() {
    return Set.of(MODEL);
  }

  static Set<ConfigOption<?>> optional() {
    Set<ConfigOption<?>> options = new LinkedHashSet<>();
    options.addAll(
        List.of(
            ENGINE,
            SYSTEM_PROMPT,
            PROMPT_TEMPLATE,
            ROW_OPTIONS,
            TEMPERATURE,
            TOP_P,
            TOP_K,
            MIN_P,
            PRESENCE_PENALTY,
            FREQUENCY_PENALTY,
            MAX_TOKENS,
            SEED,
            STOP,
            N,
            REASONING_BUDGET_TOKENS,
            TENANT,
            PRIORITY));
    options.addAll(
        List.of(
            ERROR_HANDLING_STRATEGY,
            ERROR_COLUMN,
            RETRY_NUM,
            RETRY_INITIAL_BACKOFF,
            RETRY_MAX_BACKOFF,
            INVALID_OUTPUT_RETRY_NUM,
            REQUEST_TIMEOUT,
            MAX_CONTEXT_SIZE));
    options.addAll(OF_LLAMA_CPP);
    options.addAll(OF_SERVERS);
    return options;
  }
}

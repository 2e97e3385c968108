package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.ChatTemplate;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model file in native memory with its context and batch. Confined to the decode thread from load
 * to free.
 */
final class LoadedModel implements AutoCloseable {

  private final LlamaCppSpec spec;
  private final LlamaModel model;
  private final LlamaContext context;
  private final TokenBatch batch;
  private final Optional<ChatTemplate> template;
  private final RuntimeInfo info;
  private final long kvBytesPerToken;
  private final boolean templateReasons;

  private LoadedModel(
      LlamaCppSpec spec,
      LlamaModel model,
      LlamaContext context,
      Optional<ChatTemplate> template,
      RuntimeInfo info,
      long kvBytesPerToken,
      boolean templateReasons) {
    this.spec = spec;
    this.model = model;
    this.context = context;
    this.batch = new TokenBatch(spec.maxBatchTokens());
    this.template = template;
    this.info = info;
    this.kvBytesPerToken = kvBytesPerToken;
    this.templateReasons = templateReasons;
  }

  /** Validates the file in Java, then loads it. Frees everything again if a later part fails. */
  static LoadedModel load(LlamaCppSpec spec, LlamaBackend backend, Path file, String sha256)
      throws RuntimeLoadException {
    GgufHeader header = readHeader(file);
    ContextSettings settings = ContextPlan.settings(spec, header, maxDraftTokens(spec));
    LlamaModel model = LlamaModel.load(backend, new ModelSource(file, spec.gpuLayers()));
    LlamaContext context = null;
    try {
      Optional<ChatTemplate> template = chatTemplate(spec, model);
      context = LlamaContext.create(model, settings);
      int contextTokens = contextTokens(spec, context);
      RuntimeInfo info =
          new RuntimeInfo(
              spec.model(),
              Optional.of(sha256),
              "llama.cpp",
              backend.version(),
              Optional.of(header.quantization()),
              spec.maxSequences(),
              contextTokens,
              header.estimateResidentBytes(spec.maxSequences(), contextTokens));
      boolean templateReasons = model.chatTemplate().filter(t -> t.contains("<think>")).isPresent();
      return new LoadedModel(
          spec, model, context, template, info, header.kvBytesPerToken(), templateReasons);
    } catch (RuntimeLoadException | RuntimeException e) {
      if (context != null) {
        context.close();
      }
      model.close();
      throw e;
    }
  }

  RuntimeInfo info() {
    return info;
  }

  DecodeLoop decodeLoop() {
    return new DecodeLoop(
        new RequestInbox(spec.maxWaiting()),
        spec.kvTokens(),
        new Scheduler(schedulerConfig()),
        new LlamaStepExecutor(context, batch, adapter -> {}),
        new RequestPreparer(
            spec.model(),
            info.contextTokensPerSequence(),
            spec.adapters().stream().map(LoraAdapter::name).toList(),
            new PromptEncoder(model.vocabulary(), template),
            new Samplers(model.vocabulary(), templateReasons)),
        speculator(),
        model.vocabulary());
  }

  private SchedulerConfig schedulerConfig() {
    SchedulerConfig.Builder config =
        SchedulerConfig.builder(spec.maxSequences(), info.contextTokensPerSequence())
            .maxBatchTokens(spec.maxBatchTokens())
            .maxPrefillTokensWhileDecoding(spec.maxPrefillTokensWhileDecoding())
            .prefillStretch(spec.prefillStretch())
            .prefixSharing(spec.prefixSharing())
            .storedPrefixTokens(spec.prefixStoreBytes() / kvBytesPerToken)
            .tenants(spec.tenants());
    if (spec.kvLayout() == KvLayout.SHARED) {
      config.sharedKv(spec.kvTokens());
    }
    if (spec.speculation().mode() != Speculation.Mode.OFF) {
      config.speculation(spec.speculation().maxDraftTokens(), spec.speculation().maxSequences());
    }
    return config.build();
  }

  private Speculator speculator() {
    Speculation speculation = spec.speculation();
    return speculation.mode() == Speculation.Mode.OFF
        ? Speculator.off()
        : new Speculator(
            new PromptLookup(), speculation.maxDraftTokens(), speculation.maxSequences());
  }

  @Override
  public void close() {
    batch.close();
    context.close();
    model.close();
  }

  /**
   * A pool is larger than what one sequence may take of it; a buffer is as llama.cpp rounded it.
   */
  private static int contextTokens(LlamaCppSpec spec, LlamaContext context) {
    return spec.kvLayout() == KvLayout.SHARED
        ? spec.contextTokensPerSequence()
        : context.contextTokensPerSequence();
  }

  private static int maxDraftTokens(LlamaCppSpec spec) {
    Speculation speculation = spec.speculation();
    return speculation.mode() == Speculation.Mode.OFF ? 0 : speculation.maxDraftTokens();
  }

  private static GgufHeader readHeader(Path file) throws RuntimeLoadException {
    try {
      return GgufHeader.read(file);
    } catch (GgufException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    }
  }

  private static Optional<ChatTemplate> chatTemplate(LlamaCppSpec spec, LlamaModel model)
      throws RuntimeLoadException {
    Optional<String> wanted = spec.chatTemplate().or(model::chatTemplate);
    if (wanted.isEmpty()) {
      throw new RuntimeLoadException(
          "%s carries no chat template; name one that fits, such as chatml, with falaj.model.chat-template"
              .formatted(spec.source()));
    }
    return wanted.get().equals(LlamaCppSpec.NO_CHAT_TEMPLATE)
        ? Optional.empty()
        : Optional.of(ChatTemplate.of(wanted.get()));
  }
}

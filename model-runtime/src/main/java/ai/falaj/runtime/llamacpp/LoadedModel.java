package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.BufferSize;
import ai.falaj.runtime.llamacpp.ffi.ChatTemplate;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.LoraAdapters;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.ffi.NativeHeap;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.llamacpp.ffi.WarmUp;
import ai.falaj.runtime.llamacpp.sampling.GrammarConstraints;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.scheduler.Scheduler;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model file in native memory with its adapters, context and batch. Confined to the decode thread
 * from load to free.
 */
final class LoadedModel implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LoadedModel.class);

  private final LlamaCppSpec spec;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private LlamaModel model;
  private LoraAdapters adapters;
  private LlamaContext context;
  private TokenBatch batch;
  private Optional<ChatTemplate> template = Optional.empty();
  private RuntimeInfo info;
  private Samplers samplers;
  private long kvBytesPerToken;
  private DraftSource draftSource = DraftSource.NONE;

  private LoadedModel(LlamaCppSpec spec) {
    this.spec = spec;
  }

  /**
   * Loads and warms up what was planned. Frees everything again if a later part fails.
   *
   * @throws RuntimeLoadException with one line that names the remedy
   */
  static LoadedModel load(
      LlamaCppSpec spec, LlamaBackend backend, LoadPlan plan, String sha256, LoadReport report)
      throws RuntimeLoadException {
    LoadedModel loaded = new LoadedModel(spec);
    try {
      report.started(plan.memory().bytes(MemoryPlan.Kind.WEIGHTS));
      loaded.loadParts(backend, plan, report);
      report.finished();
      loaded.warmUp();
      loaded.logMemory(plan.memory());
      loaded.info = loaded.describe(backend, plan, sha256);
      return loaded;
    } catch (RuntimeLoadException | RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  RuntimeInfo info() {
    return info;
  }

  /**
   * From the next decode on, compute with this adapter. Costs nothing where it is so already. KV
   * entries stay those of the adapter that computed them.
   *
   * @param index {@link LoraAdapters#NONE} for the bare model, or the adapter's place in the spec,
   *     counted from 1
   */
  void activate(int index) {
    adapters.activate(context, index);
  }

  DecodeLoop decodeLoop(Quarantine quarantine) {
    return new DecodeLoop(
        new RequestInbox(spec.maxWaiting()),
        spec.kvTokens(),
        new Scheduler(schedulerConfig()),
        new LlamaStepExecutor(context, batch, this::activate),
        new RequestPreparer(
            spec.model(),
            info.contextTokensPerSequence(),
            spec.adapters().stream().map(LoraAdapter::name).toList(),
            new PromptEncoder(model.vocabulary(), template),
            samplers,
            new Resumer(info.modelSha256(), model.vocabulary())),
        speculator(),
        quarantine,
        model.vocabulary(),
        System::currentTimeMillis);
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
        : new Speculator(draftSource, speculation.maxDraftTokens(), speculation.maxSequences());
  }

  private boolean templateReasons() {
    return model.chatTemplate().filter(text -> text.contains("<think>")).isPresent();
  }

  /** Frees in reverse order; what was not loaded needs no freeing. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("native parts close without checked exceptions", e);
      }
    }
    NativeHeap.trim();
  }

  private void loadParts(LlamaBackend backend, LoadPlan plan, LoadReport report)
      throws RuntimeLoadException {
    ModelSource source =
        new ModelSource(plan.header().file(), OptionalInt.of(plan.gpuLayers()), report);
    model = LlamaModel.load(backend, source);
    parts.push(model);
    template = chatTemplate();
    adapters = LoraAdapters.load(model, plan.adapters());
    parts.push(adapters);
    context = LlamaContext.create(model, plan.context());
    parts.push(context);
    batch = new TokenBatch(spec.maxBatchTokens());
    parts.push(batch);
    kvBytesPerToken = Math.max(1, plan.memory().bytes(MemoryPlan.Kind.KV_CACHE) / spec.kvTokens());
    GrammarConstraints grammars = new GrammarConstraints(model.vocabulary());
    parts.push(grammars);
    samplers = new Samplers(model.vocabulary(), templateReasons(), grammars::start);
    loadDraftSource(backend, plan);
  }

  private void loadDraftSource(LlamaBackend backend, LoadPlan plan) throws RuntimeLoadException {
    if (spec.speculation().mode() == Speculation.Mode.PROMPT_LOOKUP) {
      draftSource = new PromptLookup();
    } else if (plan.draft().isPresent()) {
      ModelSource source = new ModelSource(plan.draft().get(), spec.gpuLayers());
      draftSource =
          DraftModel.of(
              LlamaModel.load(backend, source),
              model.vocabulary(),
              Math.min(spec.speculation().maxSequences(), spec.maxSequences()),
              contextTokens(),
              spec.threadsHere());
      parts.push(draftSource);
    }
  }

  private void warmUp() throws RuntimeLoadException {
    int tokens = Math.min(spec.maxBatchTokens(), spec.contextTokensPerSequence());
    Duration took = WarmUp.run(context, batch, tokens);
    LOG.info("Warmed up model {} in {} ms", spec.model(), took.toMillis());
  }

  /** What llama.cpp says that it took, so that a plan that is off does not stay unseen. */
  private void logMemory(MemoryPlan plan) {
    LOG.info(
        "Model {} took: weights {}, kv cache {}, compute {}",
        spec.model(),
        MemoryPlan.megabytes(sum(model.buffers(), BufferSize.Kind.MODEL)),
        MemoryPlan.megabytes(sum(context.buffers(), BufferSize.Kind.KV)),
        MemoryPlan.megabytes(computeBytes()));
    long planned = plan.bytes(MemoryPlan.Kind.COMPUTE);
    if (computeBytes() > planned + planned / 2) {
      LOG.warn(
          "Model {} computes with {} where {} were planned; give the container that much more",
          spec.model(),
          MemoryPlan.megabytes(computeBytes()),
          MemoryPlan.megabytes(planned));
    }
  }

  private long computeBytes() {
    return sum(context.buffers(), BufferSize.Kind.COMPUTE)
        + sum(context.buffers(), BufferSize.Kind.OUTPUT);
  }

  private static long sum(List<BufferSize> buffers, BufferSize.Kind kind) {
    return buffers.stream()
        .filter(buffer -> buffer.kind() == kind)
        .mapToLong(BufferSize::bytes)
        .sum();
  }

  private RuntimeInfo describe(LlamaBackend backend, LoadPlan plan, String sha256) {
    return new RuntimeInfo(
        spec.model(),
        Optional.of(sha256),
        "llama.cpp",
        backend.version(),
        Optional.of(plan.header().quantization()),
        spec.maxSequences(),
        contextTokens(),
        plan.memory().totalBytes(),
        backend.devices(),
        plan.gpuLayers());
  }

  /**
   * A pool is larger than what one sequence may take of it; a buffer is as llama.cpp rounded it.
   */
  private int contextTokens() {
    return spec.kvLayout() == KvLayout.SHARED
        ? spec.contextTokensPerSequence()
        : context.contextTokensPerSequence();
  }

  private Optional<ChatTemplate> chatTemplate() throws RuntimeLoadException {
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

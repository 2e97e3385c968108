package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.llamacpp.crash.AbortWatch;
import ai.falaj.runtime.llamacpp.crash.CrashJournal;
import ai.falaj.runtime.llamacpp.crash.CrashLedger;
import ai.falaj.runtime.llamacpp.crash.CurrentStep;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibrariesException;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.shared.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Falaj's own engine behind the {@link ModelRuntime} API: hands requests to the {@link DecodeLoop}
 * on the decode thread, which loads the model, runs it and frees it. Any thread.
 */
public final class LlamaCppRuntime implements ModelRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(LlamaCppRuntime.class);

  private final AtomicLong ids = new AtomicLong();
  private final Thread thread;
  private final DecodeLoop loop;
  private final RuntimeInfo info;
  private final StepWatch steps = new StepWatch();

  private LlamaCppRuntime(Thread thread, Started started) {
    this.thread = thread;
    this.loop = started.loop();
    this.info = started.info();
  }

  private record Started(DecodeLoop loop, RuntimeInfo info) {}

  /**
   * Finds the libraries and the model file, then loads the model on its decode thread.
   *
   * @param progress hears of it on the decode thread
   * @throws RuntimeLoadException with a message of one line that names the remedy; also when the
   *     caller is interrupted, which ends the load
   */
  static LlamaCppRuntime open(LlamaCppSpec spec, ProgressListener progress)
      throws RuntimeLoadException {
    CompletableFuture<Started> started = new CompletableFuture<>();
    AtomicBoolean wanted = new AtomicBoolean(true);
    LoadReport report = new LoadReport(spec.model(), progress, wanted::get);
    Thread thread =
        new Thread(
            null,
            () -> decode(spec, report, started),
            "falaj-decode-" + spec.model(),
            PromptEncoder.STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    try {
      return new LlamaCppRuntime(thread, started.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeLoadException loadFailure) {
        throw loadFailure;
      }
      throw new RuntimeLoadException(
          "model %s could not be loaded: %s".formatted(spec.model(), e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      wanted.set(false);
      started.thenAccept(late -> late.loop().inbox().stop());
      throw new RuntimeLoadException(
          "interrupted while model " + spec.model() + " was being loaded", e);
    }
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    long id = ids.incrementAndGet();
    loop.inbox().submit(new Generation(id, request, listener, System.nanoTime()));
    return new Handle(request.requestId(), id);
  }

  @Override
  public RuntimeInfo info() {
    return info;
  }

  @Override
  public RuntimeStats stats() {
    return loop.stats();
  }

  @Override
  public RuntimeHealth health() {
    if (!loop.inbox().isOpen()) {
      return RuntimeHealth.failed("the decode thread has ended");
    }
    return new RuntimeHealth(
        RuntimeHealth.State.READY,
        "",
        steps.sinceLastStep(loop.stats().steps(), System.nanoTime()));
  }

  /**
   * Waits until the decode thread has freed the model, even when interrupted: native memory must
   * not outlive a close.
   */
  @Override
  public void close() {
    loop.inbox().stop();
    Threads.awaitEnd(thread);
  }

  /** The decode thread, from load to free. */
  private static void decode(
      LlamaCppSpec spec, LoadReport report, CompletableFuture<Started> started) {
    CurrentStep step = new CurrentStep();
    try (LoadedModel model = load(spec, report)) {
      CrashJournal journal =
          new CrashJournal(crashDirectory(spec, model.info()), System::currentTimeMillis);
      CrashLedger ledger = new CrashLedger(Optional.of(journal), System::currentTimeMillis);
      DecodeLoop loop = model.decodeLoop(new Quarantine(ledger, step));
      AbortWatch watch = AbortWatch.start(step, journal);
      try {
        started.complete(new Started(loop, model.info()));
        loop.run();
      } finally {
        watch.close();
      }
    } catch (RuntimeLoadException | RuntimeException | Error e) {
      if (!started.completeExceptionally(e)) {
        LOG.error("The decode thread of model {} died; the runtime is closed", spec.model(), e);
      }
    }
  }

  /** One per model file: what crashed with one is no suspect with another. */
  private static Path crashDirectory(LlamaCppSpec spec, RuntimeInfo info) {
    return spec.crashDirectory().resolve(info.modelSha256().orElse("unknown"));
  }

  private static LoadedModel load(LlamaCppSpec spec, LoadReport report)
      throws RuntimeLoadException {
    try {
      ModelStore store = ModelStore.fromEnvironment();
      Path file = store.resolve(spec.source());
      Optional<String> draftSource = spec.speculation().draftSource();
      Optional<Path> draft =
          draftSource.isPresent()
              ? Optional.of(store.resolve(draftSource.get()))
              : Optional.empty();
      LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(report.listener());
      LlamaBackend backend =
          LlamaBackend.load(libraries.folder(), libraries.llamaLibrary(), libraries.ggmlLibrary());
      GpuFallback.maybeWarn(NativeLibraries.wantedVariant(), backend.computeDevices(), libraries);
      LoadPlan plan = LoadPlan.of(spec, file, draft, backend.computeDevices());
      LoadedModel model = LoadedModel.load(spec, backend, plan, store.sha256(file), report);
      LOG.info("Loaded {}", model.info());
      return model;
    } catch (ModelException | NativeLibrariesException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RuntimeLoadException(
          "cannot read %s (%s); check the file and its permissions".formatted(spec.source(), e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeLoadException(
          "interrupted while model " + spec.model() + " was being loaded", e);
    }
  }

  private final class Handle implements GenerationHandle {

    private final String requestId;
    private final long id;

    Handle(String requestId, long id) {
      this.requestId = requestId;
      this.id = id;
    }

    @Override
    public String requestId() {
      return requestId;
    }

    @Override
    public void cancel() {
      loop.inbox().cancel(id);
    }
  }
}

package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.progress.ProgressListener;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how far a model is loaded: to a listener at once, to the log every ten seconds, so that the
 * log of a job shows life while 20 GB come from a disk. Ends the load when nobody wants it any
 * more. Confined to the decode thread.
 */
final class LoadReport implements ModelSource.LoadProgress {

  private static final Logger LOG = LoggerFactory.getLogger(LoadReport.class);
  private static final long LOG_INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  private final String model;
  private final ProgressListener listener;
  private final BooleanSupplier wanted;
  private long totalBytes;
  private long lastLogNanos;

  /**
   * @param wanted whether to go on; asked on the decode thread
   */
  LoadReport(String model, ProgressListener listener, BooleanSupplier wanted) {
    this.model = model;
    this.listener = listener;
    this.wanted = wanted;
  }

  ProgressListener listener() {
    return listener;
  }

  /** The weights come now. */
  void started(long weightBytes) {
    totalBytes = weightBytes;
    lastLogNanos = System.nanoTime();
    listener.started("Loading model " + model, OptionalLong.of(weightBytes));
  }

  @Override
  public boolean loaded(float fraction) {
    long bytes = (long) ((double) fraction * totalBytes);
    listener.progressed(bytes);
    long nowNanos = System.nanoTime();
    if (nowNanos - lastLogNanos >= LOG_INTERVAL_NANOS) {
      lastLogNanos = nowNanos;
      LOG.info(
          "Loading model {}: {} of {}",
          model,
          MemoryPlan.megabytes(bytes),
          MemoryPlan.megabytes(totalBytes));
    }
    return wanted.getAsBoolean();
  }

  /** Weights and context are there. */
  void finished() {
    listener.finished();
  }
}

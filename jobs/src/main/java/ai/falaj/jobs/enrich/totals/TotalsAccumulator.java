package ai.falaj.jobs.enrich.totals;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.function.Consumer;
import org.apache.flink.api.common.accumulators.Accumulator;

/**
 * Carries {@link EnrichmentTotals} from the subtasks to whoever watches the job: Flink sends
 * accumulators with each heartbeat and with the end of a task. Begins with what the checkpoint
 * held, so that a restart neither forgets nor counts twice.
 *
 * <p>The task thread counts while the heartbeat's thread writes: both take this object's lock, for
 * less than a microsecond.
 */
public final class TotalsAccumulator implements Accumulator<EnrichmentTotals, String> {

  public static final String NAME = "falaj-enrichment";

  private static final long serialVersionUID = 1L;

  private transient EnrichmentTotals totals = new EnrichmentTotals();

  /** Counts something. */
  public synchronized void count(Consumer<EnrichmentTotals> counting) {
    counting.accept(totals);
  }

  @Override
  public synchronized void add(EnrichmentTotals more) {
    totals.merge(more);
  }

  /** As JSON. */
  @Override
  public synchronized String getLocalValue() {
    return totals.toJson();
  }

  @Override
  public synchronized void resetLocal() {
    totals = new EnrichmentTotals();
  }

  @Override
  public synchronized void merge(Accumulator<EnrichmentTotals, String> other) {
    totals.merge(EnrichmentTotals.fromJson(other.getLocalValue()));
  }

  @Override
  public synchronized TotalsAccumulator clone() {
    TotalsAccumulator copy = new TotalsAccumulator();
    copy.totals = EnrichmentTotals.fromJson(totals.toJson());
    return copy;
  }

  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    byte[] json = totals.toJson().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    out.writeInt(json.length);
    out.write(json);
  }

  private void readObject(ObjectInputStream in) throws IOException {
    byte[] json = new byte[in.readInt()];
    in.readFully(json);
    totals = EnrichmentTotals.fromJson(new String(json, java.nio.charset.StandardCharsets.UTF_8));
  }
}

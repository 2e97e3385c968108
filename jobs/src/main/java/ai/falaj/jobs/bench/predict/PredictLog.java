package ai.falaj.jobs.bench.predict;

import ai.falaj.benchmarks.Percentiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The prompts of the job that runs in this JVM, and when each was handed over and answered. The
 * job's tasks find it by {@link #current()}: they are in the same JVM and have no other way to it.
 * Any thread; the figures are for when the job is over.
 */
final class PredictLog {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double TAIL = 95;

  private static volatile PredictLog current;

  private final List<String> prompts;
  private final AtomicLongArray sentNanos;
  private final AtomicLongArray answeredNanos;
  private final AtomicReferenceArray<String> answers;

  private PredictLog(List<String> prompts) {
    this.prompts = prompts;
    this.sentNanos = new AtomicLongArray(prompts.size());
    this.answeredNanos = new AtomicLongArray(prompts.size());
    this.answers = new AtomicReferenceArray<>(prompts.size());
  }

  /** Starts the log of the next job. */
  static PredictLog begin(List<String> prompts) {
    current = new PredictLog(prompts);
    return current;
  }

  /**
   * @throws IllegalStateException if no job was begun
   */
  static PredictLog current() {
    if (current == null) {
      throw new IllegalStateException("the job runs in another JVM than the one that began it");
    }
    return current;
  }

  /** The prompt, which is handed over now. */
  String send(int index) {
    sentNanos.set(index, System.nanoTime());
    return prompts.get(index);
  }

  /**
   * @throws IllegalStateException if there was an answer already
   */
  void answer(int index, String text) {
    answeredNanos.set(index, System.nanoTime());
    if (!answers.compareAndSet(index, null, text)) {
      throw new IllegalStateException("row " + index + " was answered twice");
    }
  }

  /**
   * In the order of the prompts.
   *
   * @throws IllegalStateException if one is missing
   */
  List<String> answers() {
    List<String> all = new ArrayList<>();
    for (int index = 0; index < prompts.size(); index++) {
      String answer = answers.get(index);
      if (answer == null) {
        throw new IllegalStateException("row " + index + " was not answered");
      }
      all.add(answer);
    }
    return all;
  }

  double wallMs() {
    long[] sent = relative(sentNanos);
    long[] answered = relative(answeredNanos);
    long first = Arrays.stream(sent).min().orElseThrow();
    long last = Arrays.stream(answered).max().orElseThrow();
    return (last - first) / NANOS_PER_MILLI;
  }

  double answerP95Ms() {
    List<Long> nanos = new ArrayList<>();
    for (int index = 0; index < prompts.size(); index++) {
      nanos.add(answeredNanos.get(index) - sentNanos.get(index));
    }
    return Percentiles.of(nanos).at(TAIL).orElseThrow() / NANOS_PER_MILLI;
  }

  /** To the first row's, as nanoTime may overflow. */
  private long[] relative(AtomicLongArray times) {
    long origin = sentNanos.get(0);
    long[] relative = new long[times.length()];
    for (int index = 0; index < relative.length; index++) {
      relative[index] = times.get(index) - origin;
    }
    return relative;
  }
}

package ai.falaj.jobs.bench.delivery;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Processor time by what used it, since it was made. Threads that ended meanwhile count to the rest
 * of the process, as do the garbage collector and the compiler. Confined to one thread.
 */
final class CpuMeter {

  private static final double NANOS_PER_MICRO = 1e3;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final ProcessHandle broker;
  private final Map<Long, Long> threadNanos;
  private final long brokerNanos;
  private final long processNanos;

  private CpuMeter(long brokerPid) {
    broker = ProcessHandle.of(brokerPid).orElseThrow();
    threadNanos = threadNanos();
    brokerNanos = nanosOf(broker);
    processNanos = nanosOf(ProcessHandle.current());
  }

  /** Starts to measure this process and the broker's. */
  static CpuMeter start(long brokerPid) {
    return new CpuMeter(brokerPid);
  }

  /** Microseconds per record, by the names of parts. */
  Map<String, Double> perRecord(int records) {
    Map<String, Double> micros = new TreeMap<>();
    long rest = nanosOf(ProcessHandle.current()) - processNanos;
    for (Map.Entry<Long, Long> thread : threadNanos().entrySet()) {
      long nanos = thread.getValue() - threadNanos.getOrDefault(thread.getKey(), 0L);
      ThreadInfo info = threads.getThreadInfo(thread.getKey());
      if (info != null) {
        rest -= nanos;
        micros.merge(partOf(info.getThreadName()), nanos / NANOS_PER_MICRO / records, Double::sum);
      }
    }
    micros.put("rest (GC, JIT)", Math.max(0, rest) / NANOS_PER_MICRO / records);
    micros.put("broker", (nanosOf(broker) - brokerNanos) / NANOS_PER_MICRO / records);
    return micros;
  }

  /** Flink names a task's thread after its operators and adds its index. */
  static String partOf(String thread) {
    if (thread.startsWith("falaj-paced-runtime")) {
      return "engine";
    }
    if (thread.startsWith("Source Data Fetcher")) {
      return "source fetchers";
    }
    if (thread.startsWith("kafka-producer-network-thread")) {
      return "producers";
    }
    if (thread.matches(".* \\(\\d+/\\d+\\)#\\d+")) {
      return "tasks";
    }
    return "other threads";
  }

  private Map<Long, Long> threadNanos() {
    Map<Long, Long> nanos = new HashMap<>();
    for (long id : threads.getAllThreadIds()) {
      long time = threads.getThreadCpuTime(id);
      if (time >= 0) { // it has not ended
        nanos.put(id, time);
      }
    }
    return nanos;
  }

  private static long nanosOf(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }
}

package ai.falaj.jobs.size;

import ai.falaj.runtime.memory.MemoryPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A {@link SizeReport} in words. Stateless. */
final class SizeText {

  private SizeText() {}

  static List<String> lines(SizeReport report) {
    List<String> lines = new ArrayList<>();
    SizeReport.Target target = report.target();
    lines.add(
        format(
            "%s (%s, %.1fB parameters) by %s on %s%s",
            report.model().name(),
            report.model().quantization(),
            report.model().parameters() / 1e9,
            target.engine(),
            target.gpus() > 1 ? target.gpus() + " x " : "",
            target.hardware()));
    load(report.load(), lines);
    memory(report, lines);
    speed(report.speed(), lines);
    need(report, lines);
    lines.add("");
    lines.add("configuration:");
    report.configuration().forEach((key, value) -> lines.add("  " + key + ": " + value));
    if (report.server() != null) {
      lines.add("each server:");
      lines.add("  " + report.server());
    }
    lines.add("");
    lines.add("assumptions:");
    report.assumptions().forEach(assumption -> lines.add("  - " + assumption));
    return lines;
  }

  private static void load(SizeReport.Load load, List<String> lines) {
    lines.add(
        format(
            "  load        %,.0f prompt tokens (%.0f%% cached) and %,.0f completion tokens per record, context %,d%s",
            load.promptTokens(),
            100 * load.cachedShare(),
            load.completionTokens(),
            load.contextTokens(),
            load.recordsPerSecond() == null
                ? ""
                : format("; %s records/s", rate(load.recordsPerSecond()))));
  }

  private static void memory(SizeReport report, List<String> lines) {
    SizeReport.Memory memory = report.memory();
    lines.add("  weights     " + MemoryPlan.megabytes(memory.weightBytes()));
    lines.add(
        format(
            "  kv cache    %,d bytes per token, %s per record, %s per full context; %s for %d records",
            memory.kvBytesPerToken(),
            MemoryPlan.megabytes(memory.kvBytesPerSequence()),
            MemoryPlan.megabytes(memory.kvBytesPerContext()),
            MemoryPlan.megabytes(memory.kvBytes()),
            report.speed().sequences()));
    lines.add(
        format(
            "  memory      %s of %s; %,d records at once would fit",
            MemoryPlan.megabytes(memory.modelBytes()),
            MemoryPlan.megabytes(memory.availableBytes()),
            memory.sequencesThatFit()));
  }

  private static void speed(Speed speed, List<String> lines) {
    lines.add(
        format(
            "  speed       %,.0f completion tokens/s, %s records/s with %d at once, bound by %s",
            speed.completionTokensPerSecond(),
            rate(speed.recordsPerSecond()),
            speed.sequences(),
            speed.boundBy().name().toLowerCase(Locale.ROOT)));
    lines.add(
        format(
            "              %,.0f tokens/s while nothing is read, prompts at %,.0f tokens/s",
            speed.decodeTokensPerSecond(), speed.prefillTokensPerSecond()));
    lines.add(
        format(
            "  latency     first token after %,.0f ms where the engine is idle, then one each %.1f ms; a record takes %,.1f s",
            speed.firstTokenMs(), speed.stepMs(), speed.recordSeconds()));
  }

  private static void need(SizeReport report, List<String> lines) {
    SizeReport.Engines engines = report.engines();
    FlinkSize flink = report.flink();
    lines.add(
        format(
            "  engines     %d%s, together %s records/s%s",
            engines.count(),
            engines.gpus() > 0 ? format(" with %d GPUs", engines.gpus()) : "",
            rate(engines.recordsPerSecond()),
            engines.utilization() == null
                ? ""
                : format(", used to %.0f%%", 100 * engines.utilization())));
    lines.add(
        format(
            "  flink       %d TaskManagers of %s (task off-heap %s, task heap %s), %d slot each",
            flink.taskManagers(),
            MemoryPlan.megabytes(flink.processBytes()),
            MemoryPlan.megabytes(flink.taskOffHeapBytes()),
            MemoryPlan.megabytes(flink.taskHeapBytes()),
            flink.slotsPerTaskManager()));
    lines.add(
        format(
            "  kafka       %d partitions of the prompts' topic, or more; a checkpoint holds up to %s",
            flink.partitions(), MemoryPlan.megabytes(flink.checkpointBytes())));
  }

  /** Three figures, also of slow rates. */
  private static String rate(double perSecond) {
    return perSecond >= 100
        ? format("%,.0f", perSecond)
        : perSecond >= 1 ? format("%.1f", perSecond) : format("%.3f", perSecond);
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}

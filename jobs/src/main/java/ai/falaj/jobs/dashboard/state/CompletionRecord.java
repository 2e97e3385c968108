package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.dashboard.view.TraceView;
import ai.falaj.schemas.CalledTool;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.util.ArrayList;
import java.util.List;

/**
 * What a trace tells of the completion's record. Immutable.
 *
 * @param seenAtMs when this process read it
 * @param view all of it but its samples
 */
record CompletionRecord(
    long completedAtMs,
    long seenAtMs,
    FinishReason finishReason,
    Usage usage,
    Timings timings,
    String model,
    int attempts,
    TraceView.Completed view,
    List<Sample> samples) {

  private static final int MOST_TOOL_CALLS = 200;

  /** The text of one sample. */
  record Sample(
      int index, StoredText answer, StoredText reasoning, int tokens, FinishReason finishReason) {

    Sample forgotten() {
      return new Sample(index, answer.forgotten(), reasoning.forgotten(), tokens, finishReason);
    }

    TraceView.Sample view() {
      return new TraceView.Sample(
          index, answer.view(), reasoning.view(), tokens, finishReason.name());
    }
  }

  static CompletionRecord of(
      FeedRecord record, Completion completion, boolean visible, long nowMs) {
    return new CompletionRecord(
        completion.getCompletedAt().toEpochMilli(),
        nowMs,
        completion.getFinishReason(),
        completion.getUsage(),
        completion.getTimings(),
        Names.bounded(completion.getProvenance().getModel()),
        completion.getProvenance().getAttempts(),
        new TraceView.Completed(
            completion.getCompletedAt().toEpochMilli(),
            nowMs,
            record.topic(),
            record.partition(),
            record.offset(),
            provenance(completion.getProvenance(), visible),
            tools(completion, visible)),
        samples(completion, visible));
  }

  private static TraceView.Provenance provenance(Provenance made, boolean visible) {
    return new TraceView.Provenance(
        Names.bounded(made.getModel()),
        Names.boundedOrNull(made.getModelSha256()),
        Names.bounded(made.getEngine()),
        Names.bounded(made.getEngineVersion()),
        Names.boundedOrNull(made.getQuantization()),
        Names.boundedOrNull(made.getAdapter()),
        made.getSeed(),
        made.getAttempts(),
        SamplingMap.of(made.getSampling(), visible));
  }

  private static List<TraceView.Tool> tools(Completion completion, boolean visible) {
    List<TraceView.Tool> tools = new ArrayList<>();
    for (CalledTool call : completion.getToolCalls()) {
      if (tools.size() < MOST_TOOL_CALLS) {
        tools.add(
            new TraceView.Tool(
                call.getRound(),
                Names.bounded(call.getName()),
                call.getOutcome().name(),
                StoredText.of(call.getArguments(), visible).view()));
      }
    }
    return tools;
  }

  private static List<Sample> samples(Completion completion, boolean visible) {
    if (completion.getSamples().isEmpty()) {
      return List.of(
          new Sample(
              0,
              StoredText.of(completion.getAnswer(), visible),
              StoredText.of(completion.getReasoning(), visible),
              completion.getUsage().getCompletionTokens(),
              completion.getFinishReason()));
    }
    List<Sample> samples = new ArrayList<>();
    for (CompletionSample sample : completion.getSamples()) {
      samples.add(
          new Sample(
              sample.getIndex(),
              StoredText.of(sample.getAnswer(), visible),
              StoredText.of(sample.getReasoning(), visible),
              sample.getCompletionTokens(),
              sample.getFinishReason()));
    }
    return samples;
  }

  /** The same without its texts. */
  CompletionRecord forgotten() {
    return new CompletionRecord(
        completedAtMs,
        seenAtMs,
        finishReason,
        usage,
        timings,
        model,
        attempts,
        new TraceView.Completed(
            view.completedAt(),
            view.seenAt(),
            view.topic(),
            view.partition(),
            view.offset(),
            view.provenance(),
            List.of()),
        samples.stream().map(Sample::forgotten).toList());
  }

  int size() {
    return samples.stream()
        .mapToInt(sample -> sample.answer().size() + sample.reasoning().size())
        .sum();
  }
}

package ai.falaj.benchmarks.simulation.policy;

import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * Static batching, as a loop around a model's {@code generate} does it: fill a batch with whoever
 * waits, prefill whole prompts, decode until the last of them ends, only then take others. The
 * baseline that iteration-level scheduling was invented against (Orca, OSDI 2022). Confined to one
 * thread.
 */
final class StaticBatchScheduler implements SimulatedScheduler {

  private static final class Member {
    private final TraceRequest request;
    private final int slot;
    private int computedTokens;
    private boolean finished;

    Member(TraceRequest request, int slot) {
      this.request = request;
      this.slot = slot;
    }

    private int remainingPromptTokens() {
      return Math.max(0, request.promptTokens() - computedTokens);
    }
  }

  private final int maxSequences;
  private final int maxBatchTokens;
  private final Queue<TraceRequest> waiting = new ArrayDeque<>();
  private final List<Member> batch = new ArrayList<>();
  private StepShape planned = StepShape.IDLE;

  StaticBatchScheduler(int maxSequences, int maxBatchTokens) {
    this.maxSequences = maxSequences;
    this.maxBatchTokens = maxBatchTokens;
  }

  @Override
  public void enqueue(TraceRequest request) {
    waiting.add(request);
  }

  @Override
  public StepShape plan(long nowMs) {
    if (batch.isEmpty()) {
      while (batch.size() < maxSequences && !waiting.isEmpty()) {
        batch.add(new Member(waiting.remove(), batch.size()));
      }
    }
    List<StepShape.Work> work = prefill();
    planned = new StepShape(work.isEmpty() ? decode() : work, 0);
    return planned;
  }

  @Override
  public void apply(Set<Long> finished, long durationNanos) {
    for (StepShape.Work work : planned.work()) {
      Member member = batch.get(work.slot());
      member.computedTokens += work.tokenCount();
      member.finished = finished.contains(work.sequenceId());
    }
    if (batch.stream().allMatch(member -> member.finished)) {
      batch.clear();
    }
  }

  private List<StepShape.Work> prefill() {
    List<StepShape.Work> work = new ArrayList<>();
    int left = maxBatchTokens;
    for (Member member : batch) {
      int remaining = member.remainingPromptTokens();
      int tokens = Math.min(remaining, left);
      if (tokens > 0) {
        work.add(work(member, tokens, tokens == remaining));
        left -= tokens;
      }
    }
    return work;
  }

  private List<StepShape.Work> decode() {
    List<StepShape.Work> work = new ArrayList<>();
    for (Member member : batch) {
      if (!member.finished) {
        work.add(work(member, 1, true));
      }
    }
    return work;
  }

  private static StepShape.Work work(Member member, int tokens, boolean samples) {
    return new StepShape.Work(
        member.request.id(), member.slot, member.computedTokens, tokens, samples);
  }
}

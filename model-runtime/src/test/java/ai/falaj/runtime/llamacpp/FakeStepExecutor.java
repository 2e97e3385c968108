package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.scheduler.KvOperation;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.scheduler.StepPlan;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Computes steps with a {@link FakeLanguage} and a KV cache of tokens, and fails loudly where a
 * plan, a trim or a request for logits contradicts what is there.
 */
final class FakeStepExecutor implements StepExecutor {

  /** A KV entry; two slots that share it hold the same object. */
  private static final class Entry {
    private final int token;
    private final int adapter;

    Entry(int token, int adapter) {
      this.token = token;
      this.adapter = adapter;
    }
  }

  private final FakeLanguage language;
  private final SchedulerConfig config;
  private final List<String> adapters;
  private final List<List<Entry>> slots = new ArrayList<>();
  private final Map<Integer, List<Entry>> saved = new HashMap<>();
  private float[][][] rows = {};
  private Predicate<StepPlan> failing = plan -> false;
  private Predicate<GenerationRequest> poison = request -> false;
  private BooleanSupplier usable = () -> true;
  private Predicate<SampleRun> broken = run -> false;
  private int steps;
  private int largestBatch;
  private int trims;
  private boolean closed;

  FakeStepExecutor(FakeLanguage language, SchedulerConfig config, List<String> adapters) {
    this.language = language;
    this.config = config;
    this.adapters = adapters;
    for (int slot = 0; slot < config.maxSequences(); slot++) {
      slots.add(new ArrayList<>());
    }
  }

  /** Steps of such plans fail. */
  void failWhen(Predicate<StepPlan> plans) {
    failing = plans;
  }

  /** In this step the whole engine fails, whatever it computes. */
  void breakDownInStep(int step) {
    failing = plan -> steps == step;
    usable = () -> steps != step;
  }

  /** From now on, the whole engine fails, whatever it computes. */
  void breakDown() {
    failing = plan -> true;
    usable = () -> false;
  }

  /** Whether the engine can compute anything after a step that failed. */
  void usableWhen(BooleanSupplier condition) {
    usable = condition;
  }

  /** Steps that have a sequence of such a request fail. */
  void failWith(Predicate<GenerationRequest> requests) {
    poison = requests;
  }

  /** Logits of such sequences are no numbers. */
  void breakLogitsOf(Predicate<SampleRun> runs) {
    broken = runs;
  }

  int steps() {
    return steps;
  }

  /** Most sequences of a step so far. */
  int largestBatch() {
    return largestBatch;
  }

  /** Times that wrong guesses were forgotten. */
  int trims() {
    return trims;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void execute(StepPlan plan, List<SampleRun> batch) throws StepFailedException {
    require(!closed && batch.size() == plan.work().size(), "%s for %s", plan, batch);
    plan.operations().forEach(this::execute);
    steps++;
    largestBatch = Math.max(largestBatch, batch.size());
    boolean poisoned = batch.stream().anyMatch(run -> poison.test(run.generation().request()));
    if (poisoned || failing.test(plan)) {
      slots.forEach(List::clear);
      saved.clear();
      throw new StepFailedException("the fake engine failed");
    }
    rows = new float[batch.size()][][];
    for (int index = 0; index < batch.size(); index++) {
      rows[index] = compute(plan.work().get(index), batch.get(index), plan.adapter());
    }
    requireRoom();
  }

  @Override
  public float[] logits(int work, int guess) {
    return rows[work][guess];
  }

  @Override
  public void trim(int slot, int keepTokens) {
    trims++;
    truncate(slot, keepTokens);
  }

  @Override
  public boolean isUsable() {
    return usable.getAsBoolean();
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Rows for the last token of the work and for each of its guesses, if it samples. */
  private float[][] compute(SequenceWork work, SampleRun run, int adapter) {
    require(run != null && run.sequenceId() == work.sequenceId(), "%s has %s", work, run);
    require(adapterOf(run.generation().request()) == adapter, "%s with adapter %s", work, adapter);
    List<Entry> slot = slots.get(work.slot());
    require(slot.size() == work.position(), "%s beside %s entries", work, slot.size());
    for (int position = 0; position < slot.size(); position++) {
      Entry entry = slot.get(position);
      require(
          entry.token == run.token(position) && entry.adapter == adapter,
          "%s finds token %s at %s",
          work,
          entry.token,
          position);
    }
    for (int index = 0; index < work.tokenCount(); index++) {
      slot.add(new Entry(run.token(work.position() + index), adapter));
    }
    if (!work.samples()) {
      return new float[0][];
    }
    require(slot.size() == run.tokenCount(), "%s of %s tokens samples", work, run.tokenCount());
    float[][] computed = new float[1 + work.drafts()][];
    computed[0] = row(slot, adapter, run);
    for (int guess = 0; guess < work.drafts(); guess++) {
      slot.add(new Entry(run.draft(guess), adapter));
      computed[guess + 1] = row(slot, adapter, run);
    }
    return computed;
  }

  private float[] row(List<Entry> slot, int adapter, SampleRun run) {
    float[] row = language.logits(slot.stream().map(entry -> entry.token).toList(), adapter);
    if (broken.test(run)) {
      Arrays.fill(row, Float.NaN);
    }
    return row;
  }

  private int adapterOf(GenerationRequest request) {
    return request.adapter().map(name -> 1 + adapters.indexOf(name)).orElse(0);
  }

  private void execute(KvOperation operation) {
    if (operation instanceof KvOperation.Trim trim) {
      truncate(trim.slot(), trim.keepTokens());
    } else if (operation instanceof KvOperation.Copy copy) {
      List<Entry> source = first(slots.get(copy.fromSlot()), copy.tokens());
      slots.set(copy.toSlot(), config.sharedKv() ? source : copies(source));
    } else if (operation instanceof KvOperation.Save save) {
      truncate(save.slot(), save.tokens());
      saved.put(save.entry(), copies(slots.get(save.slot())));
    } else if (operation instanceof KvOperation.Restore restore) {
      List<Entry> source = first(saved.get(restore.entry()), restore.tokens());
      slots.set(restore.slot(), copies(source));
    } else {
      int entry = ((KvOperation.Drop) operation).entry();
      require(saved.remove(entry) != null, "nothing is saved as %s", entry);
    }
  }

  private void truncate(int slot, int keepTokens) {
    slots.set(slot, first(slots.get(slot), keepTokens));
  }

  private static List<Entry> first(List<Entry> entries, int count) {
    require(count <= entries.size(), "%s of %s entries", count, entries.size());
    return new ArrayList<>(entries.subList(0, count));
  }

  private static List<Entry> copies(List<Entry> entries) {
    List<Entry> copies = new ArrayList<>();
    entries.forEach(entry -> copies.add(new Entry(entry.token, entry.adapter)));
    return copies;
  }

  private void requireRoom() {
    Set<Entry> used = Collections.newSetFromMap(new IdentityHashMap<>());
    for (List<Entry> slot : slots) {
      require(slot.size() <= config.contextTokensPerSequence(), "%s entries", slot.size());
      used.addAll(slot);
    }
    require(used.size() <= config.kvTokens(), "%s entries in all slots", used.size());
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new AssertionError(message.formatted(values));
    }
  }
}

package ai.falaj.runtime.scheduler;

import java.util.Comparator;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Which sequences may share a step: those of one adapter, because llama.cpp applies adapters to a
 * whole batch, and of those the ones that are isolated together, or not at all.
 *
 * @param adapter number of the LoRA adapter; 0 for the bare model
 * @param isolation what the isolated ones have in common; empty for those that share their steps
 *     with everybody
 */
record StepGroup(int adapter, OptionalLong isolation) implements Comparable<StepGroup> {

  private static final Comparator<StepGroup> ORDER =
      Comparator.comparing(StepGroup::isIsolated)
          .thenComparingInt(StepGroup::adapter)
          .thenComparingLong(group -> group.isolation.orElse(0));

  StepGroup {
    Objects.requireNonNull(isolation, "isolation");
  }

  /** Everybody that the adapter computes and that is not isolated. */
  static StepGroup ofAdapter(int adapter) {
    return new StepGroup(adapter, OptionalLong.empty());
  }

  boolean isIsolated() {
    return isolation.isPresent();
  }

  @Override
  public int compareTo(StepGroup other) {
    return ORDER.compare(this, other);
  }
}

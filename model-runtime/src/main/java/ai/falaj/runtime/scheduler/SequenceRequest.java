package ai.falaj.runtime.scheduler;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * What the scheduler knows of a sequence: tokens as numbers, sizes and urgency, no text.
 *
 * @param id unique among the sequences of one scheduler
 * @param promptTokens at least one; must not be changed afterwards
 * @param maxNewTokens most tokens that are generated; at least 1
 * @param tenant whose share and budget it uses; empty for none in particular
 * @param priority higher is served earlier
 * @param deadlineMs on the clock that is handed to {@link Scheduler#plan}; it has passed when the
 *     clock shows it
 * @param adapter number of the LoRA adapter that computes it; 0 for the bare model
 * @param isolation empty for a sequence that shares its steps with all others; else it shares them
 *     only with those of the same number
 */
public record SequenceRequest(
    long id,
    int[] promptTokens,
    int maxNewTokens,
    String tenant,
    int priority,
    OptionalLong deadlineMs,
    int adapter,
    OptionalLong isolation) {

  public SequenceRequest {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(deadlineMs, "deadlineMs");
    Objects.requireNonNull(isolation, "isolation");
    if (promptTokens.length < 1) {
      throw new IllegalArgumentException("sequence " + id + " has no prompt tokens");
    }
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException(
          "maxNewTokens is " + maxNewTokens + "; it must be 1 or more");
    }
    if (adapter < 0) {
      throw new IllegalArgumentException("adapter is " + adapter + "; it must be 0 or more");
    }
  }

  /** A sequence of normal priority without tenant, deadline or adapter. */
  public static SequenceRequest of(long id, int[] promptTokens, int maxNewTokens) {
    return builder(id, promptTokens, maxNewTokens).build();
  }

  public static Builder builder(long id, int[] promptTokens, int maxNewTokens) {
    return new Builder(id, promptTokens, maxNewTokens);
  }

  boolean isPastDeadline(long nowMs) {
    return deadlineMs.isPresent() && nowMs >= deadlineMs.getAsLong();
  }

  /** Most tokens that the sequence will have, prompt included. */
  public long mostTokens() {
    return (long) promptTokens.length + maxNewTokens;
  }

  /** Starts from normal priority without tenant, deadline or adapter. Confined to one thread. */
  public static final class Builder {
    private final long id;
    private final int[] promptTokens;
    private final int maxNewTokens;
    private String tenant = "";
    private int priority;
    private OptionalLong deadlineMs = OptionalLong.empty();
    private int adapter;
    private OptionalLong isolation = OptionalLong.empty();

    private Builder(long id, int[] promptTokens, int maxNewTokens) {
      this.id = id;
      this.promptTokens = promptTokens;
      this.maxNewTokens = maxNewTokens;
    }

    public Builder tenant(String value) {
      tenant = value;
      return this;
    }

    public Builder priority(int value) {
      priority = value;
      return this;
    }

    public Builder deadlineMs(OptionalLong value) {
      deadlineMs = value;
      return this;
    }

    public Builder adapter(int value) {
      adapter = value;
      return this;
    }

    public Builder isolation(OptionalLong value) {
      isolation = value;
      return this;
    }

    public SequenceRequest build() {
      return new SequenceRequest(
          id, promptTokens, maxNewTokens, tenant, priority, deadlineMs, adapter, isolation);
    }
  }
}

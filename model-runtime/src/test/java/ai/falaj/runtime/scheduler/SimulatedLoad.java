package ai.falaj.runtime.scheduler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Draws what one simulation is about: a configuration and requests that share instructions, repeat
 * each other, go on from earlier completions, and differ in the last token only.
 */
final class SimulatedLoad {

  /** So few that prompts often share tokens by chance. */
  private static final int VOCABULARY = 4;

  /** Most tokens of a step in any configuration. */
  static final int MAX_BATCH_TOKENS = 48;

  private static final int MAX_REMEMBERED = 16;

  private final Random random;
  private final SchedulerConfig config;
  private final int adapters;
  private final int tenants;
  private final double deadlineRate;
  private final List<int[]> beginnings = new ArrayList<>();
  private long requests;

  SimulatedLoad(Random random) {
    this.random = random;
    this.tenants = between(1, 3);
    this.config = drawConfig();
    this.adapters = random.nextInt(4) == 0 ? between(1, 2) : 0;
    this.deadlineRate = random.nextInt(3) == 0 ? 0.5 : 0;
    for (int count = 0; count < 2; count++) {
      beginnings.add(tokens(between(1, config.contextTokensPerSequence() - 1)));
    }
  }

  SchedulerConfig config() {
    return config;
  }

  /** Requests that arrive together, with ids that go up. */
  List<SequenceRequest> burst(int most, long nowMs) {
    List<SequenceRequest> burst = new ArrayList<>();
    int samples = random.nextInt(4) == 0 ? between(2, 5) : 1;
    while (burst.size() < most) {
      int[] prompt = prompt();
      for (int sample = 0; sample < samples && burst.size() < most; sample++) {
        burst.add(request(prompt, nowMs));
      }
    }
    return burst;
  }

  /** Later prompts may begin with these tokens. */
  void remember(int[] tokens) {
    if (beginnings.size() == MAX_REMEMBERED) {
      beginnings.remove(random.nextInt(beginnings.size()));
    }
    beginnings.add(tokens);
  }

  int[] tokens(int count) {
    return random.ints(count, 0, VOCABULARY).toArray();
  }

  private SequenceRequest request(int[] prompt, long nowMs) {
    int room = config.contextTokensPerSequence() - prompt.length;
    OptionalLong deadline =
        random.nextDouble() < deadlineRate
            ? OptionalLong.of(nowMs + random.nextInt(300))
            : OptionalLong.empty();
    return SequenceRequest.builder(requests++, prompt, between(1, room))
        .tenant("tenant-" + random.nextInt(tenants))
        .priority(between(-1, 1))
        .deadlineMs(deadline)
        .adapter(random.nextInt(adapters + 1))
        .build();
  }

  private int[] prompt() {
    int most = config.contextTokensPerSequence() - 1;
    int[] beginning =
        random.nextInt(5) == 0 ? new int[0] : beginnings.get(random.nextInt(beginnings.size()));
    int kept = random.nextInt(3) == 0 ? random.nextInt(beginning.length + 1) : beginning.length;
    kept = Math.min(kept, most - 1);
    int[] ending = tokens(between(1, Math.min(12, most - kept)));
    int[] prompt = Arrays.copyOf(beginning, kept + ending.length);
    System.arraycopy(ending, 0, prompt, kept, ending.length);
    if (random.nextInt(4) == 0) {
      remember(prompt);
    }
    return prompt;
  }

  private SchedulerConfig drawConfig() {
    int maxSequences = between(1, 8);
    int context = random.nextBoolean() ? between(2, 40) : between(40, 120);
    SchedulerConfig.Builder builder =
        SchedulerConfig.builder(maxSequences, context)
            .maxBatchTokens(between(maxSequences, MAX_BATCH_TOKENS))
            .maxPrefillTokensWhileDecoding(between(1, 40))
            .prefillStretch(List.of(1.0, 3.0, Double.POSITIVE_INFINITY).get(random.nextInt(3)))
            .prefixSharing(random.nextInt(5) > 0)
            .copyTokenCost(List.of(0.0, 0.02, 0.5, 2.0).get(random.nextInt(4)))
            .storedPrefixTokens(random.nextBoolean() ? between(32, 300) : 0)
            .tenants(drawTenants(context));
    if (random.nextBoolean()) {
      builder.sharedKv(context + random.nextInt(2 * context));
    }
    if (random.nextBoolean()) {
      builder.speculation(between(1, 4), between(1, maxSequences));
    }
    return builder.build();
  }

  private List<TenantShare> drawTenants(int context) {
    List<TenantShare> shares = new ArrayList<>();
    for (int tenant = 0; tenant < tenants; tenant++) {
      if (random.nextInt(3) == 0) {
        TokenBudget budget =
            random.nextBoolean()
                ? new TokenBudget(context * between(1, 3), Duration.ofMillis(between(1, 2_000)))
                : null;
        shares.add(new TenantShare("tenant-" + tenant, between(1, 3), budget));
      }
    }
    return shares;
  }

  private int between(int lowest, int highest) {
    return lowest + random.nextInt(highest - lowest + 1);
  }
}

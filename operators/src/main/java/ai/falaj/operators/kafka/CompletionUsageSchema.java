package ai.falaj.operators.kafka;

import ai.falaj.operators.analytics.EventSpec;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.Usage;

/**
 * Reads completions. Their time is {@code completed_at}: what they tell is known then. Kafka's own
 * timestamp is that of the prompt, which may be hours older.
 */
public final class CompletionUsageSchema extends UsageEventDeserializationSchema<Completion> {

  private static final long serialVersionUID = 1L;

  public CompletionUsageSchema(RegistryAccess registryAccess, EventSpec spec) {
    super(Completion.class, registryAccess, spec);
  }

  @Override
  UsageEvent event(Completion completion) {
    Usage usage = completion.getUsage();
    String model = completion.getProvenance().getModel();
    var price = spec().prices().of(model);
    return new UsageEvent(
        completion.getCompletedAt().toEpochMilli(),
        name(completion.getTenant()),
        name(model),
        template(completion.getMetadata()),
        new UsageEvent.Answered(
            usage.getPromptTokens(),
            usage.getCachedTokens(),
            usage.getReasoningTokens(),
            usage.getCompletionTokens(),
            completion.getTimings().getTimeToFirstTokenMs(),
            completion.getTimings().getTotalMs(),
            completion.getFinishReason().name(),
            price.isPresent(),
            price.map(known -> known.costNanos(usage)).orElse(0L),
            spec().labels().labelsOf(completion.getAnswer())));
  }
}

package ai.falaj.operators.kafka;

import ai.falaj.operators.analytics.EventSpec;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.schemas.CompletionChunk;

/**
 * Reads chunks. Their time is {@code emitted_at}. They tell what is being written now, long before
 * the completion. Each record counts, those of attempts that were taken back included: their tokens
 * were generated.
 */
public final class ChunkUsageSchema extends UsageEventDeserializationSchema<CompletionChunk> {

  private static final long serialVersionUID = 1L;

  public ChunkUsageSchema(RegistryAccess registryAccess, EventSpec spec) {
    super(CompletionChunk.class, registryAccess, spec);
  }

  @Override
  UsageEvent event(CompletionChunk chunk) {
    return new UsageEvent(
        chunk.getEmittedAt().toEpochMilli(),
        "",
        "",
        "",
        new UsageEvent.Streamed(chunk.getTokenCount()));
  }
}

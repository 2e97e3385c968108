package ai.falaj.operators.kafka;

import ai.falaj.operators.analytics.EventSpec;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads dead letters. Their time is {@code failed_at}. They name neither tenant nor model nor
 * template; the prompt inside does, where it is one.
 */
public final class DeadLetterUsageSchema extends UsageEventDeserializationSchema<DeadLetter> {

  private static final long serialVersionUID = 1L;

  private transient RecordDeserializer<PromptRequest> prompts;

  public DeadLetterUsageSchema(RegistryAccess registryAccess, EventSpec spec) {
    super(DeadLetter.class, registryAccess, spec);
  }

  @Override
  void opened(SchemaRegistry registry) {
    prompts = new RecordDeserializer<>(PromptRequest.class, registry);
  }

  @Override
  UsageEvent event(DeadLetter letter) {
    Optional<PromptRequest> prompt = promptOf(letter);
    return new UsageEvent(
        letter.getFailedAt().toEpochMilli(),
        prompt.map(request -> name(request.getTenant())).orElse(""),
        prompt.map(request -> name(request.getModel())).orElse(""),
        prompt.map(request -> template(request.getMetadata())).orElse(""),
        new UsageEvent.Failed(letter.getErrorCode().name()));
  }

  private Optional<PromptRequest> promptOf(DeadLetter letter) {
    ByteBuffer value = letter.getValue();
    if (value == null) {
      return Optional.empty();
    }
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    try {
      return Optional.of(decode(prompts, letter.getSourceTopic(), bytes));
    } catch (UndecodableRecordException e) { // which may be why it is a dead letter
      return Optional.empty();
    }
  }
}

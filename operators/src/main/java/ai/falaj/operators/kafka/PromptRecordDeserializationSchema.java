package ai.falaj.operators.kafka;

import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.PromptRequest;

/** Reads the prompts topic; a record without a value is a cancellation. */
public final class PromptRecordDeserializationSchema
    extends PromptStreamDeserializationSchema<PromptRequest> {

  private static final long serialVersionUID = 1L;

  public PromptRecordDeserializationSchema(RegistryAccess registryAccess) {
    super(PromptRequest.class, registryAccess);
  }

  @Override
  PromptRecord.Content content(PromptRequest request) {
    return new PromptRecord.Request(request);
  }

  @Override
  PromptRecord.Content contentWithoutValue() {
    return PromptRecord.Cancellation.OF_PARTITION;
  }
}

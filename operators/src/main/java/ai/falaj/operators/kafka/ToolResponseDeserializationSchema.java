package ai.falaj.operators.kafka;

import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.ToolResponse;

/**
 * Reads the topic of tool responses into the stream of prompts, where each meets the request that
 * waits for it by its record key.
 */
public final class ToolResponseDeserializationSchema
    extends PromptStreamDeserializationSchema<ToolResponse> {

  private static final long serialVersionUID = 1L;

  public ToolResponseDeserializationSchema(RegistryAccess registryAccess) {
    super(ToolResponse.class, registryAccess);
  }

  @Override
  PromptRecord.Content content(ToolResponse response) {
    return new PromptRecord.ToolAnswer(response);
  }

  @Override
  PromptRecord.Content contentWithoutValue() {
    return new PromptRecord.Undecodable(
        ErrorCode.UNDECODABLE_RECORD,
        "the record has no value; a tool that has nothing to say answers with empty content");
  }
}

package ai.falaj.operators;

import ai.falaj.operators.serialization.ImmutableTypeInfo;
import ai.falaj.operators.serialization.OutputRecordSerializer;
import ai.falaj.operators.serialization.PromptRecordSerializer;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ToolRequest;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;

/** Types of what goes into {@link InferenceOperator} and of what comes out of it. */
public final class InferenceOutputs {

  public static final TypeInformation<PromptRecord> PROMPT_TYPE =
      new ImmutableTypeInfo<>(PromptRecord.class, new PromptRecordSerializer());

  /** Of the main output. */
  public static final TypeInformation<OutputRecord<Completion>> COMPLETION_TYPE =
      typeOf(Completion.class);

  /** Pieces of completions, as they are generated. */
  public static final OutputTag<OutputRecord<CompletionChunk>> CHUNKS =
      new OutputTag<>("chunks", typeOf(CompletionChunk.class));

  /** Records that could not be answered. */
  public static final OutputTag<OutputRecord<DeadLetter>> DEAD_LETTERS =
      new OutputTag<>("dead-letters", typeOf(DeadLetter.class));

  /** Tools that are to be called. */
  public static final OutputTag<OutputRecord<ToolRequest>> TOOL_REQUESTS =
      new OutputTag<>("tool-requests", typeOf(ToolRequest.class));

  /** Copies of requests as their models were asked, each naming its shadow model. */
  public static final OutputTag<PromptRecord> SHADOWS = new OutputTag<>("shadows", PROMPT_TYPE);

  private InferenceOutputs() {}

  @SuppressWarnings("unchecked")
  private static <T extends SpecificRecord> TypeInformation<OutputRecord<T>> typeOf(
      Class<T> valueClass) {
    return new ImmutableTypeInfo<>(
        (Class<OutputRecord<T>>) (Class<?>) OutputRecord.class,
        new OutputRecordSerializer<>(valueClass));
  }
}

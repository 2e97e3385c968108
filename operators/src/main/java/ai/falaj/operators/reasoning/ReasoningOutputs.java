package ai.falaj.operators.reasoning;

import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.serialization.CallResultSerializer;
import ai.falaj.operators.serialization.ImmutableTypeInfo;
import ai.falaj.operators.serialization.OutputRecordSerializer;
import ai.falaj.operators.serialization.ProblemEventSerializer;
import ai.falaj.schemas.ReasoningTrace;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;

/** Types of what flows between the stages, and of what only a reasoning job publishes. */
public final class ReasoningOutputs {

  public static final TypeInformation<ProblemEvent> PROBLEM_TYPE =
      new ImmutableTypeInfo<>(ProblemEvent.class, new ProblemEventSerializer());

  public static final TypeInformation<CallResult> RESULT_TYPE =
      new ImmutableTypeInfo<>(CallResult.class, new CallResultSerializer());

  /** One per problem, however it ended. */
  public static final OutputTag<OutputRecord<ReasoningTrace>> TRACES =
      new OutputTag<>("traces", traceType());

  private ReasoningOutputs() {}

  @SuppressWarnings("unchecked")
  private static TypeInformation<OutputRecord<ReasoningTrace>> traceType() {
    return new ImmutableTypeInfo<>(
        (Class<OutputRecord<ReasoningTrace>>) (Class<?>) OutputRecord.class,
        new OutputRecordSerializer<>(ReasoningTrace.class));
  }
}

package ai.falaj.operators;

import ai.falaj.operators.serialization.InFlightRequestSerializer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Reads what a checkpoint of the operator holds, as Flink would. */
final class StateReader extends AbstractStreamOperator<String>
    implements OneInputStreamOperator<String, String> {

  private static final long serialVersionUID = 1L;

  private final transient List<InFlightRequest> requests = new ArrayList<>();

  static List<InFlightRequest> read(OperatorSubtaskState state) throws Exception {
    StateReader reader = new StateReader();
    var harness = new OneInputStreamOperatorTestHarness<String, String>(reader);
    harness.setup(
        BasicTypeInfo.STRING_TYPE_INFO.createSerializer(
            harness.getExecutionConfig().getSerializerConfig()));
    harness.initializeState(state);
    harness.close();
    return reader.requests;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    context
        .getOperatorStateStore()
        .getListState(
            new ListStateDescriptor<>("in-flight-requests", new InFlightRequestSerializer()))
        .get()
        .forEach(requests::add);
    context
        .getOperatorStateStore()
        .getUnionListState(
            new ListStateDescriptor<>("in-flight-requests-by-key", new InFlightRequestSerializer()))
        .get()
        .forEach(requests::add);
  }

  @Override
  public void processElement(StreamRecord<String> element) {}
}

package ai.falaj.operators.routing;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.serialization.ImmutableTypeInfo;
import ai.falaj.operators.serialization.RouteChangeSerializer;
import ai.falaj.operators.serialization.RouteControlSerializer;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Puts routes in front of the inference. Each request leaves naming the model that answers it, or
 * the name that it came with where that is no route, and with the models of its shadows, whose
 * copies the inference makes.
 */
public final class Routing {

  static final TypeInformation<RouteChange> CHANGE_TYPE =
      new ImmutableTypeInfo<>(RouteChange.class, new RouteChangeSerializer());

  public static final TypeInformation<RouteControl> CONTROL_TYPE =
      new ImmutableTypeInfo<>(RouteControl.class, new RouteControlSerializer());

  private Routing() {}

  /**
   * By routes that stay as they are, in the chain of the source.
   *
   * @param prompts in the order and partitioning of their source
   * @param models that routes may name
   */
  public static SingleOutputStreamOperator<PromptRecord> fixed(
      DataStream<PromptRecord> prompts, Map<String, Route> routes, Set<String> models) {
    return prompts
        .process(new FixedRouteFunction(routes, models), InferenceOutputs.PROMPT_TYPE)
        .name("routing")
        .uid("routing");
  }

  /**
   * By routes that a stream of controls changes. The inference is chained to the result if it has
   * the same parallelism.
   *
   * <p>Controls go to every subtask as copies in an exchange by key: Flink's own broadcast knows no
   * unaligned checkpoints, and neither does any other input of an operator that has one, so each
   * checkpoint would wait until a full inference has read all prompts in front of the barrier. On a
   * stream with watermarks the controls need some that are always ahead.
   *
   * @param prompts exchanged, by key or for balance; with a forward connection checkpoints wait as
   *     above. In the result, prompts are where they were, but a keyed stream has to be told so
   * @param controls as the topic has them, from its beginning
   * @param configured routes where the controls say nothing
   * @param models that routes may name
   */
  public static SingleOutputStreamOperator<PromptRecord> controlled(
      DataStream<PromptRecord> prompts,
      DataStream<RouteControl> controls,
      Map<String, Route> configured,
      Set<String> models) {
    KeyedStream<RouteControl, String> copies =
        controls
            .flatMap(new CopyForEachKeyGroup())
            .returns(CONTROL_TYPE)
            .name("routes for all")
            .uid("routes-for-all")
            .keyBy(RouteControl::key, Types.STRING);
    return prompts
        .connect(copies)
        .process(new RouteFunction(configured, models), InferenceOutputs.PROMPT_TYPE)
        .name("routing")
        .uid("routing");
  }
}

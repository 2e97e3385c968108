package ai.falaj.runtime.testing;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Opens a {@link ScriptedRuntime}. Specs travel inside job graphs and scripts do not, so a script
 * waits for its runtime in this JVM under the model's name.
 */
public record ScriptedRuntimeSpec(String model) implements RuntimeSpec {

  private static final long serialVersionUID = 1L;

  private static final Map<String, Script> SCRIPTS = new ConcurrentHashMap<>();

  /** What a model does, and what it was asked, by all runtimes that were opened for it. */
  record Script(
      Function<GenerationRequest, ScriptedReply> replies, List<GenerationRequest> received) {}

  public ScriptedRuntimeSpec {
    Objects.requireNonNull(model, "model");
  }

  /**
   * @param model unique in the JVM; naming one again gives it a new script
   * @param replies called on the runtime's thread
   */
  public static ScriptedRuntimeSpec of(
      String model, Function<GenerationRequest, ScriptedReply> replies) {
    SCRIPTS.put(model, new Script(replies, new CopyOnWriteArrayList<>()));
    return new ScriptedRuntimeSpec(model);
  }

  /** Every request that this model was sent, in order. */
  public List<GenerationRequest> received() {
    return List.copyOf(SCRIPTS.get(model).received());
  }

  @Override
  public ModelRuntime open() {
    return new ScriptedRuntime(model, SCRIPTS.get(model));
  }
}

package ai.falaj.runtime.remote;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runtimes in a line, such as {@code vllm -> cerebras}: the first serves, and the next one what
 * those before it cannot.
 *
 * @param chain at least one
 * @param sameModel whether all serve the same weights, so that one may go on with an answer that
 *     another began. If not, an interrupted answer starts over
 */
public record FallbackSpec(List<RuntimeSpec> chain, boolean sameModel) implements RuntimeSpec {

  private static final long serialVersionUID = 1L;

  public FallbackSpec {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a fallback chain is empty; name one model or more");
    }
  }

  /** Different models: an interrupted answer starts over. */
  public static FallbackSpec of(RuntimeSpec... chain) {
    return new FallbackSpec(List.of(chain), false);
  }

  /** The first one's. */
  @Override
  public String model() {
    return chain.get(0).model();
  }

  /** Each of the chain is a runtime of its own, which says so itself. */
  @Override
  public boolean holdsModel() {
    return false;
  }

  @Override
  public Set<RuntimeSpec> parts() {
    return new HashSet<>(chain);
  }

  @Override
  public ModelRuntime open() throws RuntimeLoadException {
    return FallbackRuntime.open(this, SharedRuntimes.ofThisJvm());
  }

  @Override
  public String toString() {
    return chain.stream().map(RuntimeSpec::model).collect(Collectors.joining(" -> "));
  }
}

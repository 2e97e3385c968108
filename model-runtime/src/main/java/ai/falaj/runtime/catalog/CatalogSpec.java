package ai.falaj.runtime.catalog;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Several models under the names that requests use. Each is a runtime of its own that is shared in
 * the JVM like any other: two catalogs that hold the same spec, under whatever names, load it once.
 *
 * <p>Opening loads what is not loaded yet, one model after the other in the order of their names;
 * if one cannot be loaded, none is kept. The catalog itself does not linger: its members do, each
 * as its own spec says, and the next catalog finds them warm.
 *
 * @param members by name, at least one; none of them is a catalog
 * @param model name of the member that answers requests which name none
 */
public record CatalogSpec(SortedMap<String, RuntimeSpec> members, String model)
    implements RuntimeSpec {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException naming the name that is wrong and those that are there
   */
  public CatalogSpec {
    members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    Objects.requireNonNull(model, "model");
    if (!members.containsKey(model)) {
      throw new IllegalArgumentException(
          "the model for requests that name none is '%s' and the catalog has %s; choose one of them"
              .formatted(model, members.keySet()));
    }
    members.forEach(
        (name, spec) -> {
          Objects.requireNonNull(spec, name);
          if (name.isBlank()) {
            throw new IllegalArgumentException("a model of the catalog has no name; give it one");
          }
          if (spec instanceof CatalogSpec) {
            throw new IllegalArgumentException(
                "%s is a catalog in a catalog; name its models in the outer one".formatted(name));
          }
        });
  }

  public CatalogSpec(Map<String, RuntimeSpec> members, String model) {
    this(new TreeMap<>(members), model);
  }

  @Override
  public Set<String> models() {
    return members.keySet();
  }

  @Override
  public Set<RuntimeSpec> parts() {
    return Set.copyOf(members.values());
  }

  /** Its members do, each as its spec says. */
  @Override
  public boolean holdsModel() {
    return false;
  }

  @Override
  public Optional<Duration> linger() {
    return Optional.of(Duration.ZERO);
  }

  @Override
  public ModelRuntime open() throws RuntimeLoadException {
    return open(ProgressListener.NONE);
  }

  @Override
  public ModelRuntime open(ProgressListener progress) throws RuntimeLoadException {
    return open(SharedRuntimes.ofThisJvm(), progress);
  }

  /** The same with the runtimes of another registry. */
  ModelRuntime open(SharedRuntimes runtimes, ProgressListener progress)
      throws RuntimeLoadException {
    List<CatalogMember> opened = new ArrayList<>();
    boolean complete = false;
    try {
      for (Map.Entry<String, RuntimeSpec> member : members.entrySet()) {
        RuntimeLease lease = acquire(runtimes, member.getKey(), member.getValue(), progress);
        opened.add(new CatalogMember(member.getKey(), member.getValue().model(), lease));
      }
      complete = true;
    } finally {
      if (!complete) {
        opened.forEach(CatalogMember::close);
      }
    }
    return new CatalogRuntime(opened, model);
  }

  private static RuntimeLease acquire(
      SharedRuntimes runtimes, String name, RuntimeSpec spec, ProgressListener progress)
      throws RuntimeLoadException {
    try {
      return runtimes.acquire(spec, progress);
    } catch (RuntimeLoadException failed) {
      throw new RuntimeLoadException(
          "model %s of the catalog: %s".formatted(name, failed.getMessage()), failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeLoadException("loading model " + name + " was interrupted", interrupted);
    }
  }
}

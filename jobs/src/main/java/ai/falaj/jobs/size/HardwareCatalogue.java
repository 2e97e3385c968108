package ai.falaj.jobs.size;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The machines of {@code hardware.json}. Immutable. */
final class HardwareCatalogue {

  private static final String RESOURCE = "hardware.json";
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;

  private final List<Entry> entries;

  /**
   * A line of the file. Of a processor, the figures of one core, and what its socket bounds.
   *
   * @param memoryBytes 0 for a processor, which has what it is given
   * @param bytesPerSecond of a GPU, or of a socket
   */
  record Entry(
      String name,
      List<String> aliases,
      Hardware.Kind kind,
      String description,
      double memoryBytes,
      double bytesPerSecond,
      double flopsPerSecond,
      double bytesPerSecondAndCore,
      double flopsPerSecondAndCore,
      String source) {

    Entry {
      aliases = List.copyOf(aliases);
    }

    boolean isCalled(String text) {
      return name.equalsIgnoreCase(text) || aliases.contains(text.toLowerCase(Locale.ROOT));
    }

    /** One GPU, with what the engine's kernels reach of its peaks. */
    Hardware gpu(EngineKind engine) {
      return new Hardware(
          name,
          kind,
          description,
          memoryBytes,
          bytesPerSecond * engine.memoryEfficiency(),
          flopsPerSecond * engine.computeEfficiency(),
          source);
    }

    /** Some cores of one socket, with memory. */
    Hardware processor(int cores, long memory) {
      return new Hardware(
          name,
          kind,
          cores + (cores == 1 ? " core, " : " cores, ") + description,
          memory,
          Math.min(bytesPerSecond, cores * bytesPerSecondAndCore),
          cores * flopsPerSecondAndCore,
          source);
    }
  }

  private HardwareCatalogue(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Of this release. */
  static HardwareCatalogue bundled() {
    try (InputStream in = HardwareCatalogue.class.getResourceAsStream(RESOURCE)) {
      List<Entry> entries = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(in).required("hardware")) {
        entries.add(entry(node));
      }
      return new HardwareCatalogue(entries);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the resource " + RESOURCE, e);
    }
  }

  List<Entry> entries() {
    return entries;
  }

  List<String> names() {
    return entries.stream().map(Entry::name).toList();
  }

  /** By name or alias, whatever the case. */
  Optional<Entry> find(String name) {
    return entries.stream().filter(entry -> entry.isCalled(name)).findFirst();
  }

  private static Entry entry(JsonNode node) {
    List<String> aliases = new ArrayList<>();
    node.required("aliases").forEach(alias -> aliases.add(alias.asText()));
    Hardware.Kind kind = Hardware.Kind.valueOf(node.required("kind").asText());
    boolean gpu = kind == Hardware.Kind.GPU;
    return new Entry(
        node.required("name").asText(),
        aliases,
        kind,
        node.required("description").asText(),
        gpu ? node.required("memoryGb").asDouble() * GIGA : 0,
        node.required("bandwidthGbPerSecond").asDouble() * GIGA,
        gpu ? node.required("tflops").asDouble() * TERA : 0,
        gpu ? 0 : node.required("bandwidthGbPerSecondPerCore").asDouble() * GIGA,
        gpu ? 0 : node.required("gflopsPerCore").asDouble() * GIGA,
        node.required("source").asText());
  }
}

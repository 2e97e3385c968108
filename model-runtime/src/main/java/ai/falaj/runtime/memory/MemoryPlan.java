package ai.falaj.runtime.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Native memory that a runtime is going to take, part by part. Immutable.
 *
 * @param parts in the order in which a person reads them; none is empty
 */
public record MemoryPlan(List<Part> parts) {

  public MemoryPlan {
    parts = List.copyOf(parts);
  }

  /**
   * What takes memory.
   *
   * @param detail sizes that decide it, for a person
   * @param hostBytes in the machine's memory
   * @param gpuBytes in the memory of GPUs, all together
   */
  public record Part(Kind kind, String detail, long hostBytes, long gpuBytes) {
    public Part {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(detail, "detail");
    }

    public long bytes() {
      return saturatedSum(hostBytes, gpuBytes);
    }
  }

  /** Parts of a plan. */
  public enum Kind {
    WEIGHTS(true),
    KV_CACHE(true),
    ADAPTERS(true),
    DRAFT_MODEL(true),
    /** Logits and what a step computes with. An estimate. */
    COMPUTE(false),
    /** Prefixes that are kept outside the context: a bound, taken as it is needed. */
    PREFIX_STORE(false);

    private final boolean certain;

    Kind(boolean certain) {
      this.certain = certain;
    }

    /** Whether it is known to the byte and taken at once. */
    public boolean isCertain() {
      return certain;
    }

    /** For a person. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  public long hostBytes() {
    return parts.stream().mapToLong(Part::hostBytes).reduce(0, MemoryPlan::saturatedSum);
  }

  public long gpuBytes() {
    return parts.stream().mapToLong(Part::gpuBytes).reduce(0, MemoryPlan::saturatedSum);
  }

  public long totalBytes() {
    return saturatedSum(hostBytes(), gpuBytes());
  }

  /** Host memory without what is estimated or taken only when needed. */
  public long certainHostBytes() {
    return parts.stream()
        .filter(part -> part.kind().isCertain())
        .mapToLong(Part::hostBytes)
        .reduce(0, MemoryPlan::saturatedSum);
  }

  /** Bytes of all parts of a kind. */
  public long bytes(Kind kind) {
    return parts.stream()
        .filter(part -> part.kind() == kind)
        .mapToLong(Part::bytes)
        .reduce(0, MemoryPlan::saturatedSum);
  }

  /** One line per part and one for the sum; a column for GPUs where one has a share. */
  public List<String> table() {
    boolean gpu = gpuBytes() > 0;
    List<String> lines = new ArrayList<>();
    for (Part part : parts) {
      lines.add(line(part.kind().label(), part.hostBytes(), part.gpuBytes(), gpu, part.detail()));
    }
    lines.add(line("total", hostBytes(), gpuBytes(), gpu, ""));
    return lines;
  }

  /** Such as {@code weights 92.1 MiB, kv cache 720.0 MiB, compute 18.5 MiB}. */
  public String summary() {
    return String.join(
        ", ",
        parts.stream().map(part -> part.kind().label() + " " + megabytes(part.bytes())).toList());
  }

  /** In MiB or GiB with one decimal. */
  public static String megabytes(long bytes) {
    double mib = bytes / (1024.0 * 1024.0);
    return mib < 10_240
        ? String.format(Locale.ROOT, "%.1f MiB", mib)
        : String.format(Locale.ROOT, "%.1f GiB", mib / 1024);
  }

  private static String line(String name, long host, long gpu, boolean showGpu, String detail) {
    String columns =
        showGpu
            ? String.format("%-12s %12s host %12s GPU", name, megabytes(host), megabytes(gpu))
            : String.format("%-12s %12s", name, megabytes(host));
    return detail.isEmpty() ? columns : columns + "  " + detail;
  }

  private static long saturatedSum(long a, long b) {
    return a + b < 0 ? Long.MAX_VALUE : a + b;
  }
}

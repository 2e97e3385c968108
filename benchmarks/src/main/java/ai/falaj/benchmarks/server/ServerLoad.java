package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.llamatools.ServerVariant;
import java.nio.file.Path;
import java.util.List;

/**
 * A load of mixed lengths.
 *
 * @param sequences slots of the engines, and clients that keep them busy
 * @param contextTokens of a slot, which the lengths of the trace are scaled to
 * @param requests of one round
 * @param traceFile that lengths are drawn from; {@code built in} for the sample of it that needs no
 *     file
 * @param variants of the server; the fastest is what counts
 */
public record ServerLoad(
    int sequences,
    int contextTokens,
    int requests,
    int rounds,
    long seed,
    String traceFile,
    List<ServerVariant> variants) {

  public static final String BUILT_IN_TRACE = "built in";

  public ServerLoad {
    variants = List.copyOf(variants);
    if (variants.isEmpty()) {
      throw new IllegalArgumentException("name one variant of the server or more");
    }
    if (requests < 1 || rounds < 1 || sequences < 1) {
      throw new IllegalArgumentException(
          "there are %d requests, %d rounds and %d sequences; all must be 1 or more"
              .formatted(requests, rounds, sequences));
    }
  }

  /** For a report, which names the file and not where it lies on the machine that measured. */
  ServerLoad withoutFolder() {
    return new ServerLoad(
        sequences,
        contextTokens,
        requests,
        rounds,
        seed,
        Path.of(traceFile).getFileName().toString(),
        variants);
  }
}

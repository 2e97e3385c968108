package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.llamatools.ServerVariant;
import java.util.List;

/**
 * Records that one instruction is applied to, as in batch enrichment.
 *
 * @param sequences slots of the engines, and clients that keep them busy
 * @param records of one round
 * @param unsharedRecords how many of them are run without sharing, which takes long; rates do not
 *     depend on it once every slot had many
 * @param variants of the server, with its prompt cache on; none: it is left out
 */
public record PrefixLoad(
    int sequences,
    int instructionTokens,
    int recordTokens,
    int newTokens,
    int records,
    int unsharedRecords,
    int rounds,
    long seed,
    List<ServerVariant> variants) {

  public PrefixLoad {
    variants = List.copyOf(variants);
    if (sequences < 1
        || instructionTokens < 1
        || recordTokens < 1
        || newTokens < 1
        || records < 1
        || unsharedRecords < 1
        || rounds < 1) {
      throw new IllegalArgumentException("every number of the load must be 1 or more");
    }
  }

  int contextTokens() {
    return instructionTokens + recordTokens + newTokens;
  }
}

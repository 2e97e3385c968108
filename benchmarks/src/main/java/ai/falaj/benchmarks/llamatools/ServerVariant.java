package ai.falaj.benchmarks.llamatools;

import java.util.List;

/** Ways to run {@code llama-server} that differ in speed; the best of them is what counts. */
public enum ServerVariant {
  /** Each slot has KV entries of its own. */
  SPLIT("--no-kv-unified", "--cache-ram", "0"),
  /** All slots take KV entries from one buffer. */
  UNIFIED("--kv-unified", "--cache-ram", "0"),
  /** As {@link #SPLIT}, with the server's cache of prompts in host memory, as it comes. */
  SPLIT_HOST_CACHE("--no-kv-unified"),
  /** As {@link #UNIFIED}, with the server's cache of prompts in host memory, as it comes. */
  UNIFIED_HOST_CACHE("--kv-unified");

  private final List<String> flags;

  ServerVariant(String... flags) {
    this.flags = List.of(flags);
  }

  List<String> flags() {
    return flags;
  }
}

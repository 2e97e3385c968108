package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaServer;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.llamatools.ServerTarget;
import ai.falaj.benchmarks.llamatools.ServerVariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The servers of one comparison, one process per variant. Confined to one thread. */
final class LlamaServers implements AutoCloseable {

  private final List<Way> ways = new ArrayList<>();

  private LlamaServers() {}

  /**
   * Starts them all.
   *
   * @param cachePrompts whether a server may start from what a slot holds already
   * @throws BenchmarkException if one does not come up; none runs then
   */
  static LlamaServers start(
      LlamaTools tools, EngineSettings settings, List<ServerVariant> variants, boolean cachePrompts)
      throws BenchmarkException, InterruptedException {
    LlamaServers servers = new LlamaServers();
    try {
      for (ServerVariant variant : variants) {
        Path log = Files.createTempFile("llama-server-", ".log");
        LlamaServer server = LlamaServer.start(tools, settings, variant, log);
        servers.ways.add(new Way(name(variant), new ServerTarget(server, cachePrompts)));
      }
      return servers;
    } catch (IOException e) {
      servers.close();
      throw new BenchmarkException("no log file for llama-server: " + e.getMessage(), e);
    } catch (BenchmarkException | InterruptedException e) {
      servers.close();
      throw e;
    }
  }

  List<Way> ways() {
    return List.copyOf(ways);
  }

  List<String> names() {
    return ways.stream().map(Way::name).toList();
  }

  @Override
  public void close() {
    ways.forEach(way -> way.target().close());
  }

  private static String name(ServerVariant variant) {
    return "llama-server " + variant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}

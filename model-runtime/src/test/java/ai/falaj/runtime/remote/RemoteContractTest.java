package ai.falaj.runtime.remote;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.testing.ModelRuntimeContract;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A model behind HTTP under the contract of every runtime. */
class RemoteContractTest extends ModelRuntimeContract {

  private static final int CONTEXT_TOKENS = 512;

  private final List<ScriptedServer> servers = new ArrayList<>();

  @Override
  protected ModelRuntime open(int maxSequences, int maxWaiting) throws Exception {
    ScriptedServer server = ScriptedServer.start(new FakeModelServer(CONTEXT_TOKENS));
    servers.add(server);
    return RemoteFixture.spec(RemotePreset.VLLM, server)
        .contextTokens(CONTEXT_TOKENS)
        .concurrency(AdaptiveLimit.Bounds.fixed(maxSequences))
        .maxWaiting(maxWaiting)
        .build()
        .open();
  }

  @AfterEach
  void closeServers() {
    servers.forEach(ScriptedServer::close);
  }
}

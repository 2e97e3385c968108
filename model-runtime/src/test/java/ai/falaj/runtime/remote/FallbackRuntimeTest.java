package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.answer;
import static ai.falaj.runtime.remote.RemoteFixture.request;
import static ai.falaj.runtime.remote.RemoteFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.breaker.CircuitBreakerPolicy;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FallbackRuntimeTest {

  private final SharedRuntimes registry = new SharedRuntimes(Duration.ZERO);

  @AfterEach
  void closeRegistry() {
    registry.close();
  }

  @Test
  void theFirstServesWhileItCan() throws Exception {
    try (ScriptedServer first = ScriptedServer.start(request -> answer("first"));
        ScriptedServer second = ScriptedServer.start(request -> answer("second"));
        FallbackRuntime chain = open(spec("a", first), spec("b", second))) {
      RecordingListener listener = submit(chain, request("r").model("a").build());

      assertThat(listener.awaitEnd().result().answer()).isEqualTo("first");
      assertThat(listener.servedBy().map(RuntimeInfo::model)).hasValue("a");
      assertThat(listener.result().servedBy().map(RuntimeInfo::model)).hasValue("a");
      assertThat(second.received()).isEmpty();
      assertThat(chain.health()).isEqualTo(RuntimeHealth.READY);
    }
  }

  @Test
  void theNextServesWhatFailsBeforeItsFirstToken() throws Exception {
    for (int status : new int[] {500, 429, 503, 401}) {
      try (ScriptedServer first = ScriptedServer.start(request -> Script.response(status, "{}"));
          ScriptedServer second = ScriptedServer.start(request -> answer("second"));
          FallbackRuntime chain = open(spec("a", first), spec("b", second))) {
        RecordingListener listener = submit(chain, request("r").build());

        assertThat(listener.awaitEnd().result().answer()).as("HTTP " + status).isEqualTo("second");
        assertThat(listener.violations()).isEmpty();
        assertThat(listener.servedBy().map(RuntimeInfo::model)).hasValue("b");
      }
    }
  }

  @Test
  void nobodyElseIsAskedOnceATokenWasTold() throws Exception {
    try (ScriptedServer first =
            ScriptedServer.start(request -> Script.stream().data(text("one")).cut());
        ScriptedServer second = ScriptedServer.start(request -> answer("second"));
        FallbackRuntime chain = open(spec("a", first), spec("b", second))) {
      RecordingListener listener = submit(chain, request("r").build());

      assertThat(listener.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
      assertThat(second.received()).isEmpty();
    }
  }

  @Test
  void nobodyElseIsAskedWhatIsTheRequestsOwnFault() throws Exception {
    try (ScriptedServer first = ScriptedServer.start(request -> Script.response(400, "{}"));
        ScriptedServer second = ScriptedServer.start(request -> answer("second"));
        FallbackRuntime chain = open(spec("a", first), spec("b", second))) {
      assertThat(submit(chain, request("r").build()).awaitEnd().failure().code())
          .isEqualTo(RuntimeErrorCode.INVALID_PARAMETER);
      assertThat(submit(chain, request("r").model("c").build()).awaitEnd().failure().code())
          .isEqualTo(RuntimeErrorCode.UNKNOWN_MODEL);
      assertThat(second.received()).isEmpty();
    }
  }

  @Test
  void aFirstWithAnOpenBreakerIsNotAsked() throws Exception {
    try (ScriptedServer first = ScriptedServer.start(request -> Script.response(500, "{}"));
        ScriptedServer second = ScriptedServer.start(request -> answer("second"));
        FallbackRuntime chain = open(spec("a", first), spec("b", second))) {
      for (int i = 0; i < 10; i++) {
        assertThat(submit(chain, request("r" + i).build()).awaitEnd().result().answer())
            .isEqualTo("second");
      }
      assertThat(first.received()).hasSizeLessThanOrEqualTo(2);
      assertThat(chain.health().state()).isEqualTo(RuntimeHealth.State.READY);
      assertThat(chain.health().reason()).contains("a cannot serve");
    }
  }

  @Test
  void opensWithoutOneThatIsMissingAndNotWithoutAll() throws Exception {
    RuntimeSpec missing = FakeRuntimeSpec.builder("gone").failLoading("no such model").build();
    RuntimeSpec there = FakeRuntimeSpec.builder("there").build();
    try (FallbackRuntime chain = open(missing, there)) {
      assertThat(submit(chain, request("r").build()).awaitEnd().result().answer())
          .startsWith("You said");
    }
    assertThatThrownBy(() -> open(missing))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("no such model");
  }

  @Test
  void anotherModelDoesNotGoOnWithAnAnswer() throws Exception {
    Resumption given =
        new Resumption(
            Optional.empty(),
            List.of(
                new Resumption.Sample(
                    TokenIds.of(TokenIds.UNKNOWN),
                    List.of(),
                    List.of(
                        new Resumption.Told(
                            1, List.of(new TextSegment(Channel.ANSWER, "Once")))))));
    GenerationRequest resumed = request("r").resumption(given).build();
    try (ScriptedServer server = ScriptedServer.start(request -> answer(" upon"))) {
      RuntimeSpec first = spec("a", server);
      RuntimeSpec second = spec("b", server);
      try (FallbackRuntime unlike = open(first, second)) {
        assertThat(submit(unlike, resumed).awaitEnd().failure().code())
            .isEqualTo(RuntimeErrorCode.CANNOT_RESUME);
      }
      try (FallbackRuntime alike =
          FallbackRuntime.open(new FallbackSpec(List.of(first, second), true), registry)) {
        assertThat(submit(alike, resumed).awaitEnd().result().answer()).isEqualTo("Once upon");
      }
    }
  }

  @Test
  void closeEndsItsRequestsAndLeavesTheRuntimesToOthers() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(request -> Script.stream().data(text("one")).hang())) {
      FallbackRuntime chain = open(spec("a", server));
      RecordingListener listener = submit(chain, request("r").build());
      listener.awaitFirstTokens();
      chain.close();

      assertThat(listener.awaitEnd().failure().code()).isEqualTo(RuntimeErrorCode.RUNTIME_CLOSED);
      assertThatThrownBy(() -> submit(chain, request("late").build()))
          .hasMessageContaining("closed");
    }
  }

  private FallbackRuntime open(RuntimeSpec... chain) throws RuntimeLoadException {
    return FallbackRuntime.open(FallbackSpec.of(chain), registry);
  }

  private static RuntimeSpec spec(String model, ScriptedServer server) {
    return RemoteSpec.builder(RemotePreset.VLLM, model)
        .baseUrl(server.address() + "/v1")
        .checkAtOpen(false)
        .circuitBreaker(new CircuitBreakerPolicy(2, Duration.ofMinutes(1), Duration.ofMinutes(1)))
        .build();
  }

  private static RecordingListener submit(FallbackRuntime chain, GenerationRequest request)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    chain.submit(request, listener);
    return listener;
  }
}

package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.answer;
import static ai.falaj.runtime.remote.RemoteFixture.finish;
import static ai.falaj.runtime.remote.RemoteFixture.request;
import static ai.falaj.runtime.remote.RemoteFixture.spec;
import static ai.falaj.runtime.remote.RemoteFixture.submit;
import static ai.falaj.runtime.remote.RemoteFixture.text;
import static ai.falaj.runtime.remote.RemoteFixture.usage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeHealth;
import ai.falaj.runtime.breaker.CircuitBreakerPolicy;
import ai.falaj.runtime.remote.limits.AdaptiveLimit;
import ai.falaj.runtime.remote.limits.Hedging;
import ai.falaj.runtime.remote.limits.RateLimits;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.http.ReceivedRequest;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RemoteRuntimeTest {

  @TempDir private Path folder;

  @Test
  void cancelClosesTheStream() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(request -> Script.stream().data(text("one")).hang());
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      RecordingListener listener = new RecordingListener();
      GenerationHandle handle = runtime.submit(request("r").build(), listener);
      listener.awaitFirstTokens();
      handle.cancel();
      GenerationResult result = listener.awaitEnd().result();

      assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(result.answer()).isEqualTo("one");
      await(() -> server.abandoned() == 1);
    }
  }

  @Test
  void cancelBeforeTheServerAnswersClosesTheStreamToo() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    new Script(List.<Script.Step>of(new Script.Step.Pause(1L << 60)).iterator()));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      RecordingListener listener = new RecordingListener();
      GenerationHandle handle = runtime.submit(request("r").build(), listener);
      await(() -> server.answering() == 1);
      handle.cancel();

      assertThat(listener.awaitEnd().result().finishReason()).isEqualTo(FinishReason.CANCELLED);
      await(() -> server.abandoned() == 1);
    }
  }

  @Test
  void endsWithTheTextSoFarAtItsDeadline() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(request -> Script.stream().data(text("one")).hang());
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      RecordingListener listener =
          submit(runtime, request("r").deadlineEpochMs(System.currentTimeMillis() + 400).build());

      assertThat(listener.awaitEnd().result().finishReason()).isEqualTo(FinishReason.DEADLINE);
      assertThat(listener.result().answer()).isEqualTo("one");
      await(() -> server.abandoned() == 1);
    }
  }

  @Test
  void usesAConnectionAgain() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> answer("one"));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      for (int i = 0; i < 20; i++) {
        submit(runtime, request("r" + i).build()).awaitEnd().result();
      }
      assertThat(server.connectionsAccepted()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void asksOnceForAllSamplesWhereTheServerKnowsN() throws Exception {
    Script.Builder stream = Script.stream();
    for (int index = 2; index >= 0; index--) {
      stream.data(
          "{\"choices\":[{\"index\":%d,\"delta\":{\"content\":\"s%d\"}}]}".formatted(index, index));
    }
    for (int index = 0; index < 3; index++) {
      stream.data(
          "{\"choices\":[{\"index\":%d,\"delta\":{},\"finish_reason\":\"stop\"}]}"
              .formatted(index));
    }
    Script script = stream.data(usage(5, 0, 12)).data("[DONE]").end();
    try (ScriptedServer server = ScriptedServer.start(request -> script);
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      GenerationResult result =
          submit(runtime, request("r").samples(3).build()).awaitEnd().result();

      assertThat(result.samples())
          .extracting(GenerationResult.Sample::answer)
          .containsExactly("s0", "s1", "s2");
      assertThat(result.usage().completionTokens()).isEqualTo(12);
      assertThat(server.received()).hasSize(1);
      assertThat(server.received().get(0).body()).contains("\"n\":3");
    }
  }

  @Test
  void asksOncePerSampleWhereItDoesNot() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> answer("seed", seedOf(request)));
        RemoteRuntime runtime = spec(RemotePreset.OLLAMA, server).build().open()) {
      RecordingListener listener = submit(runtime, request("r").samples(3).build());
      GenerationResult result = listener.awaitEnd().result();

      assertThat(result.samples())
          .extracting(GenerationResult.Sample::answer)
          .containsExactly("seed7", "seed8", "seed9");
      assertThat(result.usage().promptTokens()).as("counted once").isEqualTo(5);
      assertThat(result.usage().completionTokens()).isEqualTo(6);
      assertThat(listener.violations()).isEmpty();
    }
  }

  @Test
  void sendsNoMoreAtOnceThanTheLimitAndThoseOfHighPriorityFirst() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    Script.stream()
                        .pause(Duration.ofMillis(30))
                        .data(text("x"))
                        .data(finish("stop"))
                        .end());
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server)
                .concurrency(AdaptiveLimit.Bounds.fixed(2))
                .build()
                .open()) {
      List<RecordingListener> listeners = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        listeners.add(
            submit(runtime, request("r" + i).tenant("t" + i).priority(i < 9 ? 0 : 5).build()));
      }
      for (RecordingListener listener : listeners) {
        assertThat(listener.awaitEnd().result().answer()).isEqualTo("x");
      }
      assertThat(server.mostAnswering()).isEqualTo(2);
      assertThat(listeners.get(9).result().timings().queueTimeMs())
          .isLessThan(listeners.get(8).result().timings().queueTimeMs());
    }
  }

  @Test
  void holdsItsOwnRequestsPerMinute() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> answer("x"));
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server)
                .rateLimits(new RateLimits(3, RateLimits.UNLIMITED))
                .build()
                .open()) {
      List<RecordingListener> listeners = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        listeners.add(submit(runtime, request("r" + i).build()));
      }
      for (int i = 0; i < 3; i++) {
        listeners.get(i).awaitEnd().result();
      }
      await(() -> runtime.stats().requestsWaiting() == 1);
      assertThat(listeners.get(3).ended()).isFalse();
      assertThat(server.received()).hasSize(3);
    }
  }

  @Test
  void leavesTheServerAloneForAsLongAsItAsks() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    request.number() == 0
                        ? Script.response(429, "{}", "retry-after-ms: 300")
                        : answer("x"));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      submit(runtime, request("first").build()).awaitEnd().failure();
      GenerationResult second = submit(runtime, request("second").build()).awaitEnd().result();

      assertThat(second.timings().queueTimeMs()).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void asksASecondTimeWhereTheFirstTokenIsLateAndClosesTheLoser() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request -> request.number() == 0 ? Script.stream().hang() : answer("fast"));
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server)
                .hedging(new Hedging(0.9, Duration.ofMillis(50), 1))
                .build()
                .open()) {
      RecordingListener listener = submit(runtime, request("r").build());

      assertThat(listener.awaitEnd().result().answer()).isEqualTo("fast");
      assertThat(listener.violations()).isEmpty();
      assertThat(server.received()).hasSize(2);
      await(() -> server.abandoned() == 1);
    }
  }

  @Test
  void opensItsBreakerAndClosesItWhenTheServerIsBack() throws Exception {
    AtomicBoolean up = new AtomicBoolean();
    try (ScriptedServer server =
            ScriptedServer.start(request -> up.get() ? answer("x") : Script.response(500, "{}"));
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server)
                .circuitBreaker(
                    new CircuitBreakerPolicy(2, Duration.ofMillis(200), Duration.ofMillis(200)))
                .build()
                .open()) {
      for (int i = 0; i < 2; i++) {
        assertThat(submit(runtime, request("r" + i).build()).awaitEnd().failure().code())
            .isEqualTo(RuntimeErrorCode.ENGINE_FAILURE);
      }
      assertThat(runtime.health().state()).isEqualTo(RuntimeHealth.State.UNAVAILABLE);
      assertThat(runtime.health().reason()).contains("HTTP 500");
      assertThatThrownBy(() -> submit(runtime, request("refused").build()))
          .isInstanceOfSatisfying(
              GenerationException.class,
              refused -> {
                assertThat(refused.code()).isEqualTo(RuntimeErrorCode.OVERLOADED);
                assertThat(refused.retryAfter()).isPresent();
              });

      up.set(true);
      TimeUnit.MILLISECONDS.sleep(250);
      assertThat(submit(runtime, request("probe").build()).awaitEnd().result().answer())
          .isEqualTo("x");
      assertThat(runtime.health()).isEqualTo(RuntimeHealth.READY);
    }
  }

  @Test
  void takesAKeyThatWasReplaced() throws Exception {
    Path key = Files.writeString(folder.resolve("key"), "old\n");
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    request.header("authorization").orElse("").equals("Bearer new")
                        ? answer("x")
                        : Script.response(401, "{}"));
        RemoteRuntime runtime =
            spec(RemotePreset.OPENAI, server)
                .key(SecretReference.file(key.toString()))
                .build()
                .open()) {
      assertThat(submit(runtime, request("r").build()).awaitEnd().failure().code())
          .isEqualTo(RuntimeErrorCode.UNAUTHORIZED);

      Files.writeString(key, "new\n");
      assertThat(submit(runtime, request("r").build()).awaitEnd().result().answer()).isEqualTo("x");
    }
  }

  @Test
  void sendsAgainWhereAKeptConnectionWasClosed() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                request ->
                    request.number() == 1
                        ? new Script(List.<Script.Step>of(new Script.Step.Cut()).iterator())
                        : answer("x"));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).build().open()) {
      submit(runtime, request("first").build()).awaitEnd().result();
      RecordingListener second = submit(runtime, request("second").build()).awaitEnd();

      assertThat(second.result().answer()).isEqualTo("x");
      assertThat(server.received()).hasSize(3);
    }
  }

  @Test
  void needsFewThreadsForManyStreams() throws Exception {
    int streams = 200;
    try (ScriptedServer server =
            ScriptedServer.start(request -> Script.stream().data(text("x")).hang());
        RemoteRuntime runtime =
            spec(RemotePreset.VLLM, server)
                .concurrency(AdaptiveLimit.Bounds.fixed(streams))
                .build()
                .open()) {
      List<RecordingListener> listeners = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        listeners.add(submit(runtime, request("r" + i).build()));
      }
      for (RecordingListener listener : listeners) {
        listener.awaitFirstTokens();
      }
      assertThat(server.answering()).isEqualTo(streams);
      assertThat(threadsNamed("falaj-http-", "falaj-remote-")).isLessThanOrEqualTo(5);
    }
    await(() -> threadsNamed("falaj-remote-") == 0);
  }

  private static long threadsNamed(String... prefixes) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> List.of(prefixes).stream().anyMatch(thread.getName()::startsWith))
        .count();
  }

  private static String seedOf(ReceivedRequest request) {
    return request.body().replaceAll(".*\"seed\":(\\d+).*", "$1");
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}

package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.RemoteFixture.MODEL;
import static ai.falaj.runtime.remote.RemoteFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteSpecTest {

  @ParameterizedTest
  @EnumSource(RemotePreset.class)
  void everyPresetHasAName(RemotePreset preset) {
    assertThat(RemotePreset.named(preset.configName())).isEqualTo(preset);
    assertThat(RemoteSpec.of(preset, "m").baseUrl()).isEqualTo(preset.baseUrl());
  }

  @Test
  void listsThePresetsWhereAskedForAnother() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RemotePreset.named("k2"))
        .withMessage(
            "there is no preset 'k2'; there are k2-think-cerebras, vllm, sglang, llama-server,"
                + " gpt-oss, deepseek, openai, anthropic, mistral, ollama");
  }

  @Test
  void travelsInAJobGraphByValue() throws Exception {
    RemoteSpec spec =
        RemoteSpec.builder(RemotePreset.OPENAI, "gpt")
            .headers(Map.of("OpenAI-Organization", "o"))
            .extraBody("{\"reasoning_effort\":\"high\"}")
            .build();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(FallbackSpec.of(spec, spec.toBuilder().baseUrl("http://localhost").build()));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(((FallbackSpec) in.readObject()).chain().get(0))
          .isEqualTo(spec)
          .hasSameHashCodeAs(spec);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api.openai.com",
        "ftp://host",
        "http://user:pass@host",
        "http://host?key=x",
        "http://host/v1/",
        "http://"
      })
  void refusesBaseUrlsThatCannotBeMeant(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RemoteSpec.builder(RemotePreset.VLLM, "m").baseUrl(url).build())
        .withMessageContaining("base URL")
        .withMessageNotContaining("user:pass");
  }

  @Test
  void refusesAnExtraBodyThatIsNoObject() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RemoteSpec.builder(RemotePreset.VLLM, "m").extraBody("[]").build())
        .withMessageContaining("no JSON object");
  }

  @Test
  void readsKeysFromTheEnvironmentAndFiles(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "from-file\n");
    assertThat(SecretReference.parse("env:KEY").read(Map.of("KEY", " from-env ")::get))
        .isEqualTo("from-env");
    assertThat(SecretReference.parse("file:" + file).read()).isEqualTo("from-file");
    assertThat(SecretReference.kubernetesSecret(folder.toString(), "key").read())
        .isEqualTo("from-file");
    assertThat(SecretReference.parse("none").read()).isEmpty();
  }

  @Test
  void saysWhereAKeyIsMissingAndNeverRepeatsOne(@TempDir Path folder) {
    assertThatThrownBy(() -> SecretReference.environment("NO_KEY").read(name -> null))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("NO_KEY");
    assertThatThrownBy(() -> SecretReference.file(folder.resolve("none").toString()).read())
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("mount the secret");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretReference.parse("sk-very-secret"))
        .withMessageNotContaining("sk-very-secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | {} | refused the key (HTTP 401)",
        "404 | {} | mostly ends in /v1",
        "302 | {} | sends to another address",
        "200 | {\"data\":[{\"id\":\"other\"}]} | it serves [other]",
        "200 | <html> | no list of models"
      })
  void findsMistakesWhenItIsOpened(int status, String body, String message) {
    try (ScriptedServer server = ScriptedServer.start(request -> Script.response(status, body))) {
      RemoteSpec spec = spec(RemotePreset.VLLM, server).checkAtOpen(true).build();

      assertThatThrownBy(spec::open)
          .isInstanceOf(RuntimeLoadException.class)
          .hasMessageContaining("model k2-think: 127.0.0.1:")
          .hasMessageContaining(message)
          .hasMessageNotContaining("\n");
      assertThat(server.received().get(0).path()).isEqualTo("/v1/models");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {\"data\":[{\"id\":\"k2-think\"}]}",
        "503 | {\"error\":{\"message\":\"Loading model\"}}"
      })
  void opensWhatMayServe(int status, String body) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(request -> Script.response(status, body));
        RemoteRuntime runtime = spec(RemotePreset.VLLM, server).checkAtOpen(true).build().open()) {
      assertThat(runtime.info().model()).isEqualTo(MODEL);
    }
  }

  @Test
  void namesAHostThatIsNotKnownAndAPortWhereNothingListens() {
    assertThatThrownBy(
            () ->
                RemoteSpec.builder(RemotePreset.VLLM, "m")
                    .baseUrl("http://no-such-host.invalid/v1")
                    .build()
                    .open())
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessage(
            "model m: no server answers at http://no-such-host.invalid/v1: there is no address for"
                + " host no-such-host.invalid; check the base URL; or start the job before its"
                + " server, with check-at-open=false");
    ScriptedServer gone = ScriptedServer.start(request -> Script.response(200, "{}"));
    gone.close();
    assertThatThrownBy(() -> spec(RemotePreset.VLLM, gone).checkAtOpen(true).build().open())
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("no server answers at " + gone.address())
        .hasMessageContaining("nothing accepts connections there; check that the server runs")
        .hasMessageEndingWith("or start the job before its server, with check-at-open=false");
  }
}

package ai.falaj.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SoakTrafficTest {

  @Test
  void drawsTheSameRequestsFromTheSameSeed() {
    assertThat(draw(new SoakTraffic(3, 512, List.of()), 200))
        .isEqualTo(draw(new SoakTraffic(3, 512, List.of()), 200));
  }

  @Test
  void drawsEveryKind() {
    List<SoakRequest> requests = draw(new SoakTraffic(3, 512, List.of("one")), 1_000);
    assertThat(requests)
        .anyMatch(SoakRequest::listenerThrows)
        .anyMatch(SoakRequest::mustFail)
        .anyMatch(request -> request.cancelAfterMs().isPresent())
        .anyMatch(request -> request.generation().deadlineEpochMs().isPresent())
        .anyMatch(request -> request.generation().samples() > 1)
        .anyMatch(request -> request.generation().adapter().equals(java.util.Optional.of("one")))
        .anyMatch(request -> request.generation().reasoningBudgetTokens().isPresent());
    Set<Class<?>> prompts = new HashSet<>();
    Set<Class<?>> formats = new HashSet<>();
    requests.forEach(request -> prompts.add(request.generation().prompt().getClass()));
    requests.forEach(request -> formats.add(request.generation().output().getClass()));
    assertThat(prompts)
        .containsExactlyInAnyOrder(Prompt.Raw.class, Prompt.Tokens.class, Prompt.Chat.class);
    assertThat(formats)
        .contains(
            OutputFormat.Text.class,
            OutputFormat.JsonObject.class,
            OutputFormat.JsonSchema.class,
            OutputFormat.Regex.class,
            OutputFormat.Choice.class);
  }

  private static List<SoakRequest> draw(SoakTraffic traffic, int count) {
    return Stream.generate(() -> traffic.next(1_000)).limit(count).toList();
  }
}

package ai.falaj.jobs.bench.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.falaj.schemas.PromptRequest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PromptsTest {

  @Test
  void drawsLengthsAndConversationsFromTheSeed() {
    Prompts prompts = new Prompts(1_000, 20, 8, 64, 100, 1);
    List<PromptRequest> all = IntStream.range(0, 1_000).mapToObj(prompts::prompt).toList();

    assertThat(all)
        .allSatisfy(
            prompt -> {
              assertThat(prompt.getSampling().getMaxTokens()).isBetween(8, 64);
              assertThat(prompt.getMessages().get(0).getContent()).hasSize(100);
            });
    assertThat(all.stream().map(PromptRequest::getConversationId).distinct()).hasSize(20);
    assertThat(all.stream().map(p -> p.getSampling().getMaxTokens()).distinct()).hasSize(57);
    assertThat(prompts.prompt(7)).isEqualTo(all.get(7));
    assertThat(new Prompts(1_000, 20, 8, 64, 100, 2).prompt(7)).isNotEqualTo(all.get(7));
  }

  @Test
  void numbersThemByTheirIds() {
    Prompts prompts = new Prompts(10, 0, 1, 1, 1, 1);

    assertThat(Prompts.numberOf(prompts.prompt(9).getRequestId())).isEqualTo(9);
    assertThat(prompts.prompt(9).getConversationId()).isNull();
  }

  @Test
  void refusesSizesThatMakeNoLoad() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Prompts(0, 0, 1, 1, 1, 1))
        .withMessageContaining("prompts is 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Prompts(1, 0, 5, 4, 1, 1));
  }
}

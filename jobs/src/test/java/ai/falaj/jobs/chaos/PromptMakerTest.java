package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.chaos.ExpectedResult.Fate;
import ai.falaj.schemas.PromptRequest;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PromptMakerTest {

  private static final int COUNT = 1_000;

  @Test
  void makesTheSamePromptsForTheSameSeed() {
    assertThat(contents(3)).isEqualTo(contents(3)).isNotEqualTo(contents(4));
  }

  @Test
  void givesEachPromptAnIdAndAnAnswerOfItsOwn() {
    List<PromptMaker.Made> made = made(1);

    assertThat(made).extracting(m -> m.prompt().getRequestId()).doesNotHaveDuplicates();
    assertThat(made)
        .filteredOn(m -> m.expected().fate() != Fate.REFUSED)
        .allSatisfy(
            m -> assertThat(m.expected().answers()).hasSize(m.prompt().getSampling().getN()));
  }

  @Test
  void mixesAnswersCancellationsAndRefusals() {
    for (Fate fate : Fate.values()) {
      assertThat(made(1)).filteredOn(m -> m.expected().fate() == fate).hasSizeGreaterThan(20);
    }
  }

  @Test
  void spreadsKeysOverConversationsAndGivesCancelledPromptsTheirOwn() {
    Set<String> conversations =
        made(1).stream()
            .map(m -> m.prompt().getConversationId())
            .filter(id -> id != null)
            .collect(Collectors.toSet());

    assertThat(conversations).hasSize(PromptMaker.CONVERSATIONS);
    assertThat(made(1))
        .filteredOn(m -> m.expected().fate() == Fate.CANCELLED)
        .allMatch(m -> m.prompt().getConversationId() == null);
  }

  @Test
  void expectsNoTextOfARealModel() {
    PromptMaker real = new PromptMaker(1, false);

    assertThat(IntStream.range(0, COUNT).mapToObj(real::make))
        .allMatch(m -> m.expected().answers().isEmpty())
        .allMatch(m -> m.prompt().getSampling().getMaxTokens() <= 48);
  }

  private static List<PromptMaker.Made> made(long seed) {
    PromptMaker maker = new PromptMaker(seed, true);
    return IntStream.range(0, COUNT).mapToObj(maker::make).toList();
  }

  private static List<Object> contents(long seed) {
    return made(seed).stream()
        .map(PromptMaker.Made::prompt)
        .<Object>map(PromptRequest::getMessages)
        .toList();
  }
}

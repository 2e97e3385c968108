package ai.falaj.benchmarks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OrderCheckTest {

  private final OrderCheck check = new OrderCheck();

  @Test
  void countsWhatWasOvertakenInItsConversation() {
    check.take("a", 1);
    check.take("a", 4);
    check.take("a", 2);
    check.take("a", 3);
    check.take("a", 5);

    assertThat(check.overtaken()).isEqualTo(2);
    assertThat(check.results()).isEqualTo(5);
  }

  @Test
  void comparesNoTwoConversations() {
    check.take("a", 9);
    check.take("b", 1);
    check.take("a", 10);
    check.take("b", 2);

    assertThat(check.overtaken()).isZero();
    assertThat(check.conversations()).isEqualTo(2);
  }
}

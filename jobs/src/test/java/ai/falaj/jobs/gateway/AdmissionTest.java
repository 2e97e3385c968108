package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private static final Optional<String> ACME = Optional.of("acme");
  private static final Optional<String> BETA = Optional.of("beta");

  @Test
  void refusesMoreThanFitInAllAndOfOneTenant() {
    Admission admission = new Admission(3, 2);

    assertThat(admission.tryEnter(ACME)).isEmpty();
    assertThat(admission.tryEnter(ACME)).isEmpty();
    assertThat(admission.tryEnter(ACME)).as("its third").isPresent();
    assertThat(admission.tryEnter(BETA)).isEmpty();
    assertThat(admission.tryEnter(BETA)).as("the fourth of all").isPresent();

    admission.leave(ACME, Duration.ofSeconds(1));

    assertThat(admission.tryEnter(BETA)).isEmpty();
    assertThat(admission.running()).isEqualTo(3);
  }

  @Test
  void tellsHowLongRequestsTakeDividedByHowManyRun() {
    Admission admission = new Admission(4, 4);
    for (int request = 0; request < 4; request++) {
      admission.tryEnter(ACME);
      admission.leave(ACME, Duration.ofSeconds(20));
    }
    for (int request = 0; request < 4; request++) {
      admission.tryEnter(ACME);
    }

    assertThat(admission.tryEnter(ACME)).hasValue(Duration.ofSeconds(5));
  }

  @Test
  void boundsTheWaitItTells() {
    Admission admission = new Admission(1, 1);
    admission.tryEnter(ACME);
    assertThat(admission.tryEnter(ACME)).as("nothing is known").hasValue(Duration.ofSeconds(1));
    admission.leave(ACME, Duration.ofHours(1));
    admission.tryEnter(ACME);

    assertThat(admission.tryEnter(ACME)).hasValue(Duration.ofSeconds(60));
  }
}

package ai.falaj.benchmarks.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TraceTest {

  @Test
  void compressesTimeToARate() {
    Trace trace = SyntheticWorkload.CONVERSATION.generate(1001, 3).atRate(10);

    assertThat(trace.requests().get(0).arrivalNanos()).isZero();
    assertThat(trace.requests().get(1000).arrivalNanos()).isEqualTo(100_000_000_000L);
  }

  @Test
  void clipsLengthsToASlot() {
    Trace trace = SyntheticWorkload.CODE.generate(2000, 3).clippedTo(512);

    assertThat(trace.requests()).allMatch(request -> request.totalTokens() <= 512);
    assertThat(trace.requests()).anyMatch(request -> request.totalTokens() == 512);
  }

  @Test
  void leavesWhatFitsAsItIs() {
    Trace trace = trace(new TraceRequest(0, 0, 100, 50, ""), new TraceRequest(1, 5, 1, 1, ""));

    assertThat(trace.clippedTo(150)).isEqualTo(trace);
  }

  @Test
  void refusesRequestsOutOfOrder() {
    assertThatThrownBy(
            () -> trace(new TraceRequest(0, 9, 1, 1, ""), new TraceRequest(1, 5, 1, 1, "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("request 1");
  }

  /** Means that the Azure traces have; a tenth is what lognormal lengths miss them by. */
  @Test
  void generatesTheMomentsOfTheConversationTrace() {
    Trace trace = SyntheticWorkload.CONVERSATION.generate(20_000, 1);
    double seconds = trace.requests().get(19_999).arrivalNanos() / 1e9;

    assertThat(trace.meanPromptTokens()).isCloseTo(1155, within(120.0));
    assertThat(trace.meanNewTokens()).isCloseTo(211, within(21.0));
    assertThat(20_000 / seconds).isCloseTo(5.5, within(0.6));
  }

  @Test
  void generatesTheSameFromTheSameSeed() {
    assertThat(SyntheticWorkload.CODE.generate(500, 7))
        .isEqualTo(SyntheticWorkload.CODE.generate(500, 7))
        .isNotEqualTo(SyntheticWorkload.CODE.generate(500, 8));
  }

  @Test
  void sharesTheLoadBetweenTenants() {
    TenantMix mix =
        new TenantMix(
            List.of(new TenantMix.Tenant("quiet", 1, 0.1), new TenantMix.Tenant("flood", 1, null)));

    Trace trace = mix.assign(SyntheticWorkload.CONVERSATION.generate(10_000, 1), 1.0, 2);

    long quiet = trace.requests().stream().filter(r -> r.tenant().equals("quiet")).count();
    assertThat(quiet).isBetween(900L, 1100L);
  }

  @Test
  void refusesTenantsThatOfferMoreThanTheLoad() {
    TenantMix mix =
        new TenantMix(
            List.of(new TenantMix.Tenant("a", 1, 0.5), new TenantMix.Tenant("b", 1, null)));

    assertThatThrownBy(() -> mix.assign(SyntheticWorkload.CODE.generate(10, 1), 0.4, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.5")
        .hasMessageContaining("0.4");
  }

  private static Trace trace(TraceRequest... requests) {
    return new Trace("test", List.of(requests));
  }
}

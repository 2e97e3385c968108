package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.UsageWindow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NameAdmissionFunctionTest {

  private static final int TENANTS = 3;
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();

  private PipelineFixture pipeline;

  @BeforeEach
  void open() throws Exception {
    pipeline = new PipelineFixture(spec());
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  private static AnalyticsSpec spec() {
    return new AnalyticsSpec(
        Set.of(Grouping.ALL, Grouping.TENANT, Grouping.TENANT_MODEL_TEMPLATE),
        Duration.ofMinutes(1),
        Duration.ofSeconds(2),
        new NameLimits(TENANTS, 2, 2, 4, 2, Set.of("vip"), Set.of()),
        10,
        TrendSettings.DEFAULT,
        Duration.ofDays(1),
        new BudgetSettings(
            Map.of("vip", new Budget(1_000_000, 0)), Duration.ofDays(1), List.of(100)));
  }

  private List<UsageWindow> rows(String size, String grouping) {
    return pipeline.usage().values().stream()
        .filter(row -> row.getWindow().equals(size) && row.getGrouping().equals(grouping))
        .toList();
  }

  @Test
  void manyTenantsShareTheRowsOfOthersAndNoneIsLost() throws Exception {
    for (int i = 0; i < 10_000; i++) {
      pipeline.event(Events.answered(i % 10_000, "hostile-" + i));
    }
    pipeline.watermark(9_999);

    List<UsageWindow> tenants = rows("10s", "TENANT");
    assertThat(tenants).hasSize(TENANTS + 1);
    assertThat(tenants.stream().mapToLong(UsageWindow::getRequests).sum()).isEqualTo(10_000);
    assertThat(tenants)
        .filteredOn(row -> row.getTenant().equals("(other)"))
        .singleElement()
        .satisfies(row -> assertThat(row.getRequests()).isEqualTo(10_000 - TENANTS));
    List<UsageWindow> cells = rows("10s", "TENANT_MODEL_TEMPLATE");
    assertThat(cells).hasSizeLessThanOrEqualTo(5);
    assertThat(cells.stream().mapToLong(UsageWindow::getRequests).sum()).isEqualTo(10_000);
    assertThat(pipeline.windowEntries()).isLessThan(50);
  }

  @Test
  void manyLabelsShareOneAndNoneIsLost() throws Exception {
    for (int i = 0; i < 100; i++) {
      pipeline.event(Events.answered(i, "acme", "label-" + i));
    }
    pipeline.watermark(9_999);

    var row =
        pipeline.labels().values().stream()
            .filter(labels -> labels.getGrouping().equals("ALL"))
            .findAny()
            .orElseThrow();
    assertThat(row.getOccurrences()).isEqualTo(100);
    assertThat(row.getDistinctLabels()).isEqualTo(3);
    assertThat(row.getLabels().get(0).getLabel()).isEqualTo("(other)");
    assertThat(row.getLabels().get(0).getCount()).isEqualTo(98);
  }

  @Test
  void whoHasABudgetIsNamedHoweverManyCameBefore() throws Exception {
    for (int i = 0; i < 100; i++) {
      pipeline.event(Events.answered(i, "hostile-" + i));
    }
    pipeline.event(Events.answered(200, "vip"));
    pipeline.watermark(9_999);

    assertThat(rows("10s", "TENANT")).extracting(UsageWindow::getTenant).contains("vip");
  }

  @Test
  void aTenantThatCallsItselfOtherIsCountedAmongThem() throws Exception {
    pipeline.event(Events.answered(1, "(other)"));
    pipeline.event(Events.answered(2, "acme"));
    pipeline.watermark(9_999);

    assertThat(rows("10s", "TENANT"))
        .extracting(UsageWindow::getTenant)
        .containsExactlyInAnyOrder("(other)", "acme");
  }

  @Test
  void namesThatStayAwayMakeRoomForOthers() throws Exception {
    for (int i = 0; i < TENANTS; i++) {
      pipeline.event(Events.answered(i, "old-" + i));
    }
    pipeline.watermark(9_999);
    pipeline.event(Events.answered(HOUR_MS, "new"));
    pipeline.watermark(HOUR_MS + 9_999);
    assertThat(rows("10s", "TENANT")).extracting(UsageWindow::getTenant).doesNotContain("new");

    pipeline = pipeline.restart(spec());
    pipeline.watermark(4 * HOUR_MS);
    pipeline.event(Events.answered(4 * HOUR_MS + 1, "new"));
    pipeline.watermark(4 * HOUR_MS + 9_999);

    assertThat(rows("10s", "TENANT")).extracting(UsageWindow::getTenant).contains("new");
    pipeline.watermark(9 * HOUR_MS);
    assertThat(pipeline.nameEntries()).isZero();
  }
}

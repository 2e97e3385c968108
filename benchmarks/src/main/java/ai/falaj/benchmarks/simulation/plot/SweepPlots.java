package ai.falaj.benchmarks.simulation.plot;

import ai.falaj.benchmarks.simulation.SweepPoint;
import ai.falaj.benchmarks.simulation.SweepReport;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A sheet of panels over the load, a line for each policy, and for each tenant where it matters.
 */
public final class SweepPlots {

  /** Okabe and Ito's palette: told apart by colour-blind readers too. */
  private static final Color[] COLORS = {
    new Color(0x00, 0x72, 0xB2),
    new Color(0xD5, 0x5E, 0x00),
    new Color(0x00, 0x9E, 0x73),
    new Color(0xCC, 0x79, 0xA7),
    new Color(0xE6, 0x9F, 0x00),
    new Color(0x56, 0xB4, 0xE9),
    new Color(0x33, 0x33, 0x33),
  };

  private static final float LINE_WIDTH = 1.8f;
  private static final int MARKER_SIZE = 5;
  private static final double MS_PER_SECOND = 1e3;

  private final SweepReport report;

  private SweepPlots(SweepReport report) {
    this.report = report;
  }

  /** Whether the file's name says a format that can be drawn. */
  public static boolean canWrite(Path file) {
    return PanelSheet.Format.of(file).isPresent();
  }

  /**
   * Draws all of a report into one file.
   *
   * @throws IllegalArgumentException if the file's name ends with neither {@code .svg} nor {@code
   *     .png}
   */
  public static void write(SweepReport report, Path file) throws IOException {
    SweepPlots plots = new SweepPlots(report);
    List<XYChart> panels =
        report.tenantMix().tenants().size() > 1 ? plots.tenantPanels() : plots.policyPanels();
    List<XYChart> drawn =
        panels.stream().filter(panel -> !panel.getSeriesCollection().isEmpty()).toList();
    new PanelSheet(report.title(), drawn).write(file);
  }

  private List<XYChart> policyPanels() {
    return List.of(
        logarithmic(
            "Time to first token, median", "s", p -> p.latencies().ttftP50Ms() / MS_PER_SECOND),
        logarithmic(
            "Time to first token, 99th percentile",
            "s",
            p -> p.latencies().ttftP99Ms() / MS_PER_SECOND),
        linear("Time per output token of a request, median", "ms", p -> p.latencies().tpotP50Ms()),
        linear(
            "Time per output token of a request, 99th percentile",
            "ms",
            p -> p.latencies().tpotP99Ms()),
        logarithmic("Time between two tokens, 99th percentile", "ms", SweepPoint::gapP99Ms),
        linear("Generated tokens", "tokens/s", SweepPoint::generatedTokensPerSecond),
        linear("Utilisation: time with a step", "share of time", SweepPoint::busyShare),
        linear(
            "Utilisation: time that the arithmetic needs",
            "share of time",
            SweepPoint::arithmeticShare));
  }

  private List<XYChart> tenantPanels() {
    return List.of(
        byTenant("Time to first token, median", t -> t.latencies().ttftP50Ms() / MS_PER_SECOND),
        byTenant(
            "Time to first token, 99th percentile", t -> t.latencies().ttftP99Ms() / MS_PER_SECOND),
        linear("Fairness: Jain's index", "1 is fair", SweepPoint::jainIndex),
        linear(
            "Largest error of a tenant's share in 30 s, all backlogged",
            "share of tokens",
            p -> p.maxShareErrorOrNull() == null ? Double.NaN : p.maxShareErrorOrNull()));
  }

  private XYChart linear(String title, String unit, ToDoubleFunction<SweepPoint> value) {
    XYChart chart = chart(title, unit);
    chart.getStyler().setYAxisMin(0.0);
    addPolicies(chart, value);
    return chart;
  }

  private XYChart logarithmic(String title, String unit, ToDoubleFunction<SweepPoint> value) {
    XYChart chart = chart(title, unit);
    chart.getStyler().setYAxisLogarithmic(true);
    addPolicies(chart, value);
    return chart;
  }

  private XYChart byTenant(String title, ToDoubleFunction<SweepPoint.TenantLatencies> value) {
    XYChart chart = chart(title, "s");
    chart.getStyler().setYAxisLogarithmic(true);
    List<String> policies = policies();
    for (int policy = 0; policy < policies.size(); policy++) {
      for (int tenant = 0; tenant < report.tenantMix().tenants().size(); tenant++) {
        int index = tenant;
        add(
            chart,
            policies.get(policy),
            policies.get(policy) + ", " + report.tenantMix().tenants().get(tenant).name(),
            policy,
            dashes(tenant),
            point -> value.applyAsDouble(point.tenants().get(index)));
      }
    }
    return chart;
  }

  private void addPolicies(XYChart chart, ToDoubleFunction<SweepPoint> value) {
    List<String> policies = policies();
    for (int index = 0; index < policies.size(); index++) {
      add(chart, policies.get(index), policies.get(index), index, dashes(0), value);
    }
  }

  /** Points without a value, and lines without a point, are left out. */
  private void add(
      XYChart chart,
      String policy,
      String name,
      int colour,
      BasicStroke line,
      ToDoubleFunction<SweepPoint> value) {
    List<Double> loads = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (SweepPoint point : report.points()) {
      double y = value.applyAsDouble(point);
      if (point.policy().equals(policy) && !Double.isNaN(y)) {
        loads.add(point.load());
        values.add(y);
      }
    }
    if (loads.isEmpty()) {
      return;
    }
    XYSeries series = chart.addSeries(name, loads, values);
    series.setLineColor(COLORS[colour % COLORS.length]);
    series.setMarkerColor(COLORS[colour % COLORS.length]);
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setLineStyle(line);
  }

  private List<String> policies() {
    return report.points().stream().map(SweepPoint::policy).distinct().toList();
  }

  private XYChart chart(String title, String unit) {
    XYChart chart =
        new XYChartBuilder()
            .width(PanelSheet.PANEL_WIDTH)
            .height(PanelSheet.PANEL_HEIGHT)
            .title(title)
            .xAxisTitle("load (1 saturates the engine)")
            .yAxisTitle(unit)
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setLegendBorderColor(Color.WHITE);
    chart.getStyler().setMarkerSize(MARKER_SIZE);
    chart.getStyler().setXAxisMin(0.0);
    return chart;
  }

  private static BasicStroke dashes(int index) {
    float[][] patterns = {null, {6, 4}, {2, 3}, {8, 3, 2, 3}};
    float[] pattern = patterns[index % patterns.length];
    return new BasicStroke(
        LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, pattern, 0);
  }
}

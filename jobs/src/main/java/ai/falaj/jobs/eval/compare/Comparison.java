package ai.falaj.jobs.eval.compare;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.eval.metrics.Estimate;
import ai.falaj.jobs.eval.metrics.EvalReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Models against data sets. Immutable.
 *
 * @param metric of the measured cells
 * @param datasets the columns, in the order of their first run, those that were measured first
 * @param rows the models, measured ones first; the better ones first in the first column, and where
 *     they have no figure there, in the next
 */
public record Comparison(Metric metric, List<String> datasets, List<Row> rows) {

  public Comparison {
    datasets = List.copyOf(datasets);
    rows = List.copyOf(rows);
  }

  /** One model; a data set without a figure has no cell. */
  public record Row(String model, Map<String, Cell> cells) {
    public Row {
      cells = Map.copyOf(cells);
    }

    /** Whether its figures are somebody else's. */
    boolean isPublished() {
      return cells.values().stream().anyMatch(Published.class::isInstance);
    }

    Optional<Cell> cell(String dataset) {
      return Optional.ofNullable(cells.get(dataset));
    }
  }

  /** A figure, in percent. */
  public sealed interface Cell {
    double percent();
  }

  /** Measured by a run of {@code falaj eval}. */
  public record Measured(Estimate estimate, int problems, int samples) implements Cell {
    @Override
    public double percent() {
      return 100 * estimate.value();
    }

    double low() {
      return 100 * estimate.low();
    }

    double high() {
      return 100 * estimate.high();
    }
  }

  /** Published by somebody else. */
  public record Published(PublishedFigure figure) implements Cell {
    @Override
    public double percent() {
      return figure.percent();
    }
  }

  /**
   * Sets runs side by side.
   *
   * @param published may be empty; figures of data sets that no run has make columns of their own
   * @throws CliException where two runs claim one cell, or none has the metric
   */
  public static Comparison of(
      Metric metric, List<EvalReport> runs, List<PublishedFigure> published) {
    Set<String> datasets = new LinkedHashSet<>();
    Map<String, Map<String, Cell>> measured = new LinkedHashMap<>();
    for (EvalReport run : runs) {
      Optional<Estimate> estimate = metric.of(run);
      if (estimate.isEmpty()) {
        continue;
      }
      datasets.add(run.dataset());
      put(
          measured,
          run.label(),
          run.dataset(),
          new Measured(estimate.get(), run.problems(), run.samples()),
          "two runs of " + run.label() + " on " + run.dataset());
    }
    if (measured.isEmpty()) {
      throw CliException.usage(
          "no run has the metric " + metric.title(), "choose another --metric, or ask with -n");
    }
    Map<String, Map<String, Cell>> others = new LinkedHashMap<>();
    for (PublishedFigure figure : published) {
      datasets.add(figure.dataset());
      put(
          others,
          figure.model(),
          figure.dataset(),
          new Published(figure),
          "two published figures of " + figure.model() + " on " + figure.dataset());
    }
    List<Row> rows = new ArrayList<>();
    measured.forEach((model, cells) -> rows.add(new Row(model, cells)));
    others.forEach((model, cells) -> rows.add(new Row(model + " (published)", cells)));
    rows.sort(best(datasets));
    return new Comparison(metric, List.copyOf(datasets), rows);
  }

  private static Comparator<Row> best(Set<String> datasets) {
    Comparator<Row> best = Comparator.comparing(Row::isPublished);
    for (String dataset : datasets) {
      best = best.thenComparing(row -> percent(row, dataset), Comparator.reverseOrder());
    }
    return best;
  }

  /** Below any figure where there is none. */
  private static double percent(Row row, String dataset) {
    return row.cell(dataset).map(Cell::percent).orElse(-1.0);
  }

  /** The models that have a figure for a data set, the better ones first. */
  List<Row> ranking(String dataset) {
    return rows.stream()
        .filter(row -> row.cell(dataset).isPresent())
        .sorted(Comparator.comparing((Row row) -> percent(row, dataset), Comparator.reverseOrder()))
        .toList();
  }

  /** The data sets that some run was measured on. */
  List<String> measuredDatasets() {
    return datasets.stream()
        .filter(
            dataset ->
                rows.stream()
                    .flatMap(row -> row.cell(dataset).stream())
                    .anyMatch(Measured.class::isInstance))
        .toList();
  }

  private static void put(
      Map<String, Map<String, Cell>> rows,
      String model,
      String dataset,
      Cell cell,
      String conflict) {
    Map<String, Cell> cells = rows.computeIfAbsent(model, key -> new LinkedHashMap<>());
    if (cells.putIfAbsent(dataset, cell) != null) {
      throw CliException.usage(conflict, "give each run a --label of its own, or leave one out");
    }
  }
}

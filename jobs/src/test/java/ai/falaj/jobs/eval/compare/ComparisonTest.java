package ai.falaj.jobs.eval.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.metrics.EvalReporter;
import ai.falaj.jobs.eval.run.Results;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ComparisonTest {

  private static final PublishedFigure PUBLISHED =
      new PublishedFigure(
          "K2 <Think>", "AIME 2024", 90.83, "pass@1 over 16 runs", "https://example.org/?a=1&b=2");

  @TempDir Path directory;

  @Test
  void setsModelsAgainstDataSetsAndMarksWhatWasPublished() {
    Comparison comparison =
        Comparison.of(Metric.PASS_AT_1, List.of(run("one"), run("two")), List.of(PUBLISHED));

    assertThat(ComparisonText.lines(comparison))
        .containsExactly(
            "pass@1 in percent, with 95% intervals",
            "",
            "model                   sums              AIME 2024",
            "one                     50.0 [9.5, 90.5]  -",
            "two                     50.0 [9.5, 90.5]  -",
            "K2 <Think> (published)  -                 90.83 †",
            "",
            "one on sums: 2 problems, 1 sample each",
            "two on sums: 2 problems, 1 sample each",
            "† published, not measured here: K2 <Think>, pass@1 over 16 runs,"
                + " https://example.org/?a=1&b=2");
  }

  @Test
  void drawsOneSelfContainedPictureThatAlsoReadsAsText() throws Exception {
    String svg =
        ComparisonSvg.draw(
            Comparison.of(Metric.PASS_AT_1, List.of(run("one")), List.of(PUBLISHED)));

    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getDocumentElement().getAttribute("role")).isEqualTo("img");
    assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
        .contains("one 50.0 [9.5, 90.5]", "K2 <Think> (published) 90.83 †");
    assertThat(document.getElementsByTagName("circle").getLength())
        .as("dot and legend")
        .isEqualTo(2);
    assertThat(svg)
        .contains("prefers-color-scheme: dark", "published by others, not measured here")
        .doesNotContain("href=", "url(", "<script", "@import");
  }

  @Test
  void writesOnePageWithoutAnythingToFetch() {
    String page =
        ComparisonHtml.page(
            Comparison.of(Metric.PASS_AT_1, List.of(run("<b>one")), List.of(PUBLISHED)));

    assertThat(page)
        .contains(
            "<html lang=\"en\">",
            "<th scope=\"row\">&lt;b&gt;one</th>",
            "<caption>",
            "<svg ",
            "† published, not measured here: K2 &lt;Think&gt;")
        .doesNotContain("<b>one", "<script", "<link", "src=", "@import");
  }

  @Test
  void refusesTwoRunsForOneCellAndMetricsThatNoRunHas() {
    assertThatThrownBy(
            () -> Comparison.of(Metric.PASS_AT_1, List.of(run("one"), run("one")), List.of()))
        .isInstanceOf(CliException.class)
        .hasMessage(
            "two runs of one on sums; give each run a --label of its own, or leave one out");
    assertThatThrownBy(() -> Comparison.of(Metric.MAJORITY, List.of(run("one")), List.of()))
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith("no run has the metric majority vote");
  }

  @Test
  void refusesPublishedFiguresWithoutASource() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("p.json"),
            "[{\"model\": \"m\", \"dataset\": \"d\", \"percent\": 12, \"how\": \"x\"}]");

    assertThatThrownBy(() -> PublishedFigure.read(file))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("source is missing")
        .hasMessageEndingWith("give each model, dataset, percent, how and source");
  }

  @Test
  void readsTheFiguresThatComeAlong() throws Exception {
    Path file = Path.of(System.getProperty("falaj.home"), "examples", "eval", "published.json");

    assertThat(PublishedFigure.read(file)).extracting(PublishedFigure::model).contains("K2 Think");
  }

  private static EvalReport run(String label) {
    return new EvalReporter()
        .report(
            "sums",
            label,
            1,
            List.of(Results.of("a", "4", "#### 4"), Results.of("b", "4", "#### 5")),
            List.of());
  }
}

package ai.falaj.jobs.eval.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.metrics.EvalReporter;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.Results;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ComparisonTest {

  private static final PublishedFigure PUBLISHED =
      new PublishedFigure(
          "K2 <Think>",
          "AIME 2024",
          90.83,
          "pass@1 over 16 runs",
          "https://example.org/?a=1&b=2",
          "README at 1a2b");

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
                + " https://example.org/?a=1&b=2, found there in README at 1a2b");
  }

  @Test
  void drawsOneSelfContainedPictureThatAlsoReadsAsText() throws Exception {
    String svg =
        ComparisonSvg.draw(
            Comparison.of(Metric.PASS_AT_1, List.of(run("one")), List.of(PUBLISHED, on("sums"))));

    Document document = parsed(svg);
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
            "<th scope=\"row\"><bdi>&lt;b&gt;one</bdi></th>",
            "<a href=\"https://example.org/?a=1&amp;b=2\">",
            "<caption>",
            "<svg ",
            "† published, not measured here: K2 &lt;Think&gt;")
        .doesNotContain("<b>one", "<script", "<link", "src=", "@import");
  }

  @Test
  void putsTheBetterFirstAndWhatWasPublishedLast() {
    Comparison comparison =
        Comparison.of(
            Metric.PASS_AT_1,
            List.of(
                scored("worst", "sums", 0, 4),
                scored("elsewhere", "products", 4, 4),
                scored("best", "sums", 3, 4),
                scored("middle", "sums", 2, 4)),
            List.of(on("sums"), PUBLISHED));

    assertThat(comparison.datasets()).containsExactly("sums", "products", "AIME 2024");
    assertThat(comparison.rows())
        .extracting(Comparison.Row::model)
        .containsExactly("best", "middle", "worst", "elsewhere", "K2 <Think> (published)");
    assertThat(comparison.ranking("sums"))
        .extracting(Comparison.Row::model)
        .containsExactly("K2 <Think> (published)", "best", "middle", "worst");
    assertThat(comparison.measuredDatasets()).containsExactly("sums", "products");
  }

  @Test
  void cutsNoLabelAndDrawsEveryInterval() throws Exception {
    String name = "K2 Think, reasoning job with three candidates";
    Document svg =
        parsed(
            ComparisonSvg.draw(
                Comparison.of(
                    Metric.PASS_AT_1,
                    List.of(
                        scored(name + " and a judge", "sums", 3, 4),
                        scored(name + " and a vote", "sums", 30, 40),
                        scored("m", "sums", 0, 1_000)),
                    List.of(on("sums")))));

    List<String> texts = texts(svg);
    assertThat(texts).contains("three candidates and a judge", "three candidates and a vote");
    assertThat(texts).noneMatch(text -> text.contains("…"));
    NodeList lines = svg.getElementsByTagName("line");
    List<Double> widths = new ArrayList<>();
    for (int i = 0; i < lines.getLength(); i++) {
      Element line = (Element) lines.item(i);
      double width = number(line, "x2") - number(line, "x1");
      if (line.getAttribute("class").equals("interval") && width > 0) {
        widths.add(width);
      }
    }
    assertThat(widths).as("one each; more problems, less uncertainty").hasSize(3);
    assertThat(widths).isSortedAccordingTo(Comparator.reverseOrder());
    NodeList all = svg.getElementsByTagName("text");
    for (int i = 0; i < all.getLength(); i++) {
      Element text = (Element) all.item(i);
      double height = number(svg.getDocumentElement(), "height");
      assertThat(number(text, "y")).isBetween(0.0, height);
    }
  }

  @Test
  void keepsTheDirectionOfArabicNames() throws Exception {
    Comparison comparison =
        Comparison.of(Metric.PASS_AT_1, List.of(scored("كي ٢ ثنك (K2)", "مسائل", 3, 4)), List.of());

    assertThat(texts(parsed(ComparisonSvg.draw(comparison))))
        .contains("\u2068كي ٢ ثنك (K2)\u2069", "\u2068مسائل\u2069");
    assertThat(ComparisonHtml.page(comparison))
        .contains(
            "<th scope=\"row\"><bdi>كي ٢ ثنك (K2)</bdi></th>",
            "\u2068كي ٢ ثنك (K2)\u2069 on \u2068مسائل\u2069: 4 problems");
    assertThat(ComparisonText.lines(comparison))
        .contains("كي ٢ ثنك (K2)\u200e on مسائل\u200e: 4 problems, 1 sample each");
  }

  @Test
  void marksFiguresThatNobodyComparedWithTheirSource() {
    PublishedFigure unchecked = new PublishedFigure("other", "sums", 12, "pass@1", "a talk", null);
    Comparison comparison =
        Comparison.of(Metric.PASS_AT_1, List.of(run("one")), List.of(on("sums"), unchecked));

    assertThat(ComparisonText.lines(comparison))
        .contains("‡ published, not measured here: other, pass@1, a talk, not compared with it");
    assertThat(ComparisonSvg.draw(comparison))
        .contains("12 ‡", "90.83 †", "†, ‡ published by others, not measured here");
  }

  private static PublishedFigure on(String dataset) {
    return new PublishedFigure(
        PUBLISHED.model(),
        dataset,
        PUBLISHED.percent(),
        PUBLISHED.how(),
        PUBLISHED.source(),
        PUBLISHED.checked());
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<String> texts(Document svg) {
    NodeList nodes = svg.getElementsByTagName("text");
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent())
        .toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  private static EvalReport scored(String label, String dataset, int right, int problems) {
    List<ProblemResult> results =
        IntStream.range(0, problems)
            .mapToObj(i -> Results.of("p" + i, "4", i < right ? "#### 4" : "#### 5"))
            .toList();
    return new EvalReporter().report(dataset, label, 1, results, List.of());
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

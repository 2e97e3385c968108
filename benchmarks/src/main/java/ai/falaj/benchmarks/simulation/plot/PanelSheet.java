package ai.falaj.benchmarks.simulation.plot;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.XYChart;
import org.w3c.dom.Document;

/**
 * Charts beside and below each other under one title, as one picture. Confined to one thread; needs
 * no display.
 */
final class PanelSheet {

  static final int PANEL_WIDTH = 560;
  static final int PANEL_HEIGHT = 330;

  private static final int TITLE_HEIGHT = 40;
  private static final int TITLE_MARGIN = 12;
  private static final int PIXELS_PER_UNIT = 2;
  private static final int COLUMNS = 2;
  private static final int SVG_DECIMALS = 1;
  private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 17);
  private static final String SVG_NAMESPACE = "http://www.w3.org/2000/svg";

  /** What a sheet is written as. */
  enum Format {
    SVG,
    PNG;

    /** Nothing if the file's ending is no format's. */
    static Optional<Format> of(Path file) {
      return Arrays.stream(values())
          .filter(format -> file.toString().endsWith("." + format.name().toLowerCase(Locale.ROOT)))
          .findFirst();
    }
  }

  private final String title;
  private final List<XYChart> panels;

  PanelSheet(String title, List<XYChart> panels) {
    this.title = title;
    this.panels = List.copyOf(panels);
  }

  /**
   * @param file its ending, {@code .svg} or {@code .png}, says the format
   */
  void write(Path file) throws IOException {
    Format format =
        Format.of(file)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        file + " is no name of a plot; end it with .svg or .png"));
    if (format == Format.SVG) {
      writeSvg(file);
    } else {
      writePng(file);
    }
  }

  private void writeSvg(Path file) throws IOException {
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(emptySvg());
    context.setPrecision(SVG_DECIMALS);
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    graphics.setSVGCanvasSize(new Dimension(width(), height()));
    paint(graphics);
    try (Writer writer = Files.newBufferedWriter(file)) {
      graphics.stream(writer, true);
    }
  }

  private static Document emptySvg() {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument(SVG_NAMESPACE, "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the platform's own XML parser is misconfigured", e);
    }
  }

  private void writePng(Path file) throws IOException {
    BufferedImage image =
        new BufferedImage(
            width() * PIXELS_PER_UNIT, height() * PIXELS_PER_UNIT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    paint(graphics);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private int width() {
    return COLUMNS * PANEL_WIDTH;
  }

  private int height() {
    return TITLE_HEIGHT + (panels.size() + COLUMNS - 1) / COLUMNS * PANEL_HEIGHT;
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width(), height());
    graphics.setColor(Color.BLACK);
    graphics.setFont(TITLE_FONT);
    graphics.drawString(title, TITLE_MARGIN, TITLE_HEIGHT - TITLE_MARGIN);
    for (int index = 0; index < panels.size(); index++) {
      Graphics2D panel = (Graphics2D) graphics.create();
      panel.translate(index % COLUMNS * PANEL_WIDTH, TITLE_HEIGHT + index / COLUMNS * PANEL_HEIGHT);
      panels.get(index).paint(panel, PANEL_WIDTH, PANEL_HEIGHT);
      panel.dispose();
    }
  }
}

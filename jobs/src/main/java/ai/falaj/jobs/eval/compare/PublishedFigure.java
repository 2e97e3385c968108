package ai.falaj.jobs.eval.compare;

import ai.falaj.jobs.cli.CliException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A figure that somebody published, shown beside measured ones and never as one.
 *
 * @param percent 0 to 100
 * @param how what it is: metric, samples, whatever makes it more or less comparable
 * @param source address of where it was published
 * @param checked in which revision, or on which day, somebody found it there; null: nobody says so
 */
public record PublishedFigure(
    String model, String dataset, double percent, String how, String source, String checked) {

  public PublishedFigure {
    require(model, "model");
    require(dataset, "dataset");
    require(how, "how");
    require(source, "source");
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException("percent is " + percent + "; it must be 0 to 100");
    }
  }

  private static void require(String text, String field) {
    if (text == null || text.isBlank()) {
      throw new IllegalArgumentException(field + " is missing");
    }
  }

  /**
   * Reads a list of figures.
   *
   * @throws CliException where the file holds none, or one without its source
   */
  public static List<PublishedFigure> read(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw CliException.usage(file + " cannot be read", "name a JSON file of published figures");
    }
    try {
      return List.copyOf(new ObjectMapper().readValue(file.toFile(), new TypeReference<>() {}));
    } catch (JsonProcessingException e) {
      throw CliException.usage(
          file + " is no list of published figures: " + e.getOriginalMessage(),
          "give each model, dataset, percent, how and source",
          e);
    }
  }
}

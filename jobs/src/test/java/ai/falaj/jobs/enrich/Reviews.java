package ai.falaj.jobs.enrich;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reviews that tests enrich with a sentiment, and what they wrote. */
final class Reviews {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Reviews() {}

  /** An enrichment of JSON lines; {@code more} is put at its end. */
  static String yaml(Path input, Path output, String more) {
    return """
        name: reviews
        source: {type: files, path: %s, format: jsonl}
        prompt:
          system: Say how a review feels.
          user: "{{text}}"
        output:
          fields:
            sentiment: {type: string, enum: [good, bad]}
            stars: {type: int, minimum: 1, maximum: 5}
        sampling: {max_tokens: 50}
        sink: {type: files, path: %s, format: jsonl}
        %s
        """
        .formatted(input, output, more);
  }

  static String line(int id, String text) {
    return "{\"id\":%d,\"text\":\"%s\"}".formatted(id, text);
  }

  static String answer(String sentiment, int stars) {
    return "{\"sentiment\":\"%s\",\"stars\":%d}".formatted(sentiment, stars);
  }

  /** What the model is asked about: the last of its messages. */
  static String question(GenerationRequest request) {
    List<ChatMessage> messages = ((Prompt.Chat) request.prompt()).messages();
    return messages.get(messages.size() - 1).content();
  }

  /** All finished rows in a folder. */
  static List<JsonNode> rows(Path folder) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : lines(folder)) {
      rows.add(MAPPER.readTree(line));
    }
    return rows;
  }

  static List<String> lines(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return lines;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> !f.getFileName().toString().startsWith(".")).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }
}

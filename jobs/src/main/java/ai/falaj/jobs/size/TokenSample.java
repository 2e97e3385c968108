package ai.falaj.jobs.size;

import ai.falaj.jobs.cli.CliException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * Lengths of real records, from a file of JSON lines. A line either tells its tokens, as
 * completions of {@code falaj consume completions --json}, OpenAI's {@code usage} or plain fields
 * do, or it has texts that are counted: a prompt or messages, and perhaps an answer with its
 * reasoning.
 *
 * @param records lines that were read
 * @param promptTokens mean of them
 * @param completionTokens mean of those that have a completion; absent where none has
 * @param cachedShare of all prompt tokens; absent where no line tells
 * @param longestTokens of prompt and completion together
 */
record TokenSample(
    int records,
    double promptTokens,
    OptionalDouble completionTokens,
    OptionalDouble cachedShare,
    int longestTokens) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What a chat template puts around a message. */
  private static final int TOKENS_PER_MESSAGE = 8;

  /** What one line tells; negative: it does not. */
  private record Line(int promptTokens, int completionTokens, int cachedTokens) {}

  static TokenSample read(Path file, TokenCounter counter) throws IOException {
    long records = 0;
    long prompt = 0;
    long completion = 0;
    long completions = 0;
    long cached = 0;
    long promptsThatTell = 0;
    int longest = 0;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      long number = 0;
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        number++;
        if (text.isBlank()) {
          continue;
        }
        Line line = line(text, file + " line " + number, counter);
        records++;
        prompt += line.promptTokens();
        longest = Math.max(longest, line.promptTokens() + Math.max(0, line.completionTokens()));
        if (line.completionTokens() >= 0) {
          completion += line.completionTokens();
          completions++;
        }
        if (line.cachedTokens() >= 0) {
          cached += line.cachedTokens();
          promptsThatTell += line.promptTokens();
        }
      }
    }
    if (records == 0) {
      throw CliException.usage(file + " has no records", "name a file of JSON lines");
    }
    return new TokenSample(
        (int) Math.min(Integer.MAX_VALUE, records),
        (double) prompt / records,
        completions == 0
            ? OptionalDouble.empty()
            : OptionalDouble.of((double) completion / completions),
        promptsThatTell == 0
            ? OptionalDouble.empty()
            : OptionalDouble.of((double) cached / promptsThatTell),
        longest);
  }

  private static Line line(String text, String place, TokenCounter counter) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw CliException.usage(place + " is no JSON", "write one object per line", e);
    }
    JsonNode record = node.path("value").isObject() ? node.get("value") : node;
    JsonNode usage = record.path("usage").isObject() ? record.get("usage") : record;
    if (usage.path("prompt_tokens").isInt()) {
      return told(usage);
    }
    int prompt = textTokens(record, counter);
    if (prompt == 0) {
      throw CliException.usage(
          place + " has neither prompt_tokens nor a prompt",
          "write {\"prompt_tokens\": 100, \"completion_tokens\": 200}, {\"prompt\": \"...\", \"completion\": \"...\"}, or completions of falaj consume --json");
    }
    String written =
        text(record, "reasoning") + text(record, "completion") + text(record, "answer");
    return new Line(prompt, written.isEmpty() ? -1 : counter.count(written), -1);
  }

  private static Line told(JsonNode usage) {
    JsonNode cached =
        usage.has("cached_tokens")
            ? usage.get("cached_tokens")
            : usage.path("prompt_tokens_details").path("cached_tokens");
    return new Line(
        usage.get("prompt_tokens").asInt(),
        usage.path("completion_tokens").asInt(-1),
        cached.asInt(-1));
  }

  private static int textTokens(JsonNode record, TokenCounter counter) {
    int tokens = 0;
    String prompt = text(record, "prompt");
    if (!prompt.isEmpty()) {
      tokens += TOKENS_PER_MESSAGE + counter.count(prompt);
    }
    String system = text(record, "system");
    if (!system.isEmpty()) {
      tokens += TOKENS_PER_MESSAGE + counter.count(system);
    }
    for (JsonNode message : record.path("messages")) {
      tokens += TOKENS_PER_MESSAGE + counter.count(text(message, "content"));
    }
    return tokens;
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).isTextual() ? node.get(field).asText() : "";
  }
}

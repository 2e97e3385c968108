package ai.falaj.jobs.enrich.totals;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a part of an enrichment came to. Parts are merged; what is written by one release is read by
 * the next, as JSON. Not thread-safe.
 */
public final class EnrichmentTotals {

  /** Different values of one field that are counted; the others are counted together. */
  static final int MAX_VALUES = 100;

  private static final String OTHERS = "(others)";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * A record as an example.
   *
   * @param error null where there is none
   */
  public record Sample(JsonNode record, String error) {}

  @JsonProperty("records")
  private long records;

  @JsonProperty("enriched")
  private long enriched;

  @JsonProperty("reused")
  private long reused;

  @JsonProperty("dead_letters")
  private long deadLetters;

  @JsonProperty("asked_again")
  private long askedAgain;

  @JsonProperty("prompt_tokens")
  private long promptTokens;

  @JsonProperty("cached_tokens")
  private long cachedTokens;

  @JsonProperty("reasoning_tokens")
  private long reasoningTokens;

  @JsonProperty("completion_tokens")
  private long completionTokens;

  @JsonProperty("errors")
  private TreeMap<String, Long> errors = new TreeMap<>();

  @JsonProperty("prompt_lengths")
  private Distribution promptLengths = new Distribution();

  @JsonProperty("completion_lengths")
  private Distribution completionLengths = new Distribution();

  @JsonProperty("latencies_ms")
  private Distribution latenciesMs = new Distribution();

  @JsonProperty("values")
  private TreeMap<String, TreeMap<String, Long>> values = new TreeMap<>();

  @JsonProperty("provenance")
  private TreeMap<String, Long> provenance = new TreeMap<>();

  @JsonProperty("samples")
  private List<Sample> samples = new ArrayList<>();

  /** A record has left, whatever became of it. */
  public void addRecord() {
    records++;
  }

  public void addEnriched() {
    enriched++;
  }

  /** It has the answer of an equal question. */
  public void addReused() {
    reused++;
  }

  public void addDeadLetter() {
    deadLetters++;
  }

  public void addError(String code) {
    errors.merge(code, 1L, Long::sum);
  }

  public void addAskedAgain() {
    askedAgain++;
  }

  /** A generation: not of records that reuse its answer. */
  public void addGeneration(
      long prompt, long cached, long reasoning, long completion, long latencyMs, String madeBy) {
    promptTokens += prompt;
    cachedTokens += cached;
    reasoningTokens += reasoning;
    completionTokens += completion;
    promptLengths.add(prompt);
    completionLengths.add(completion);
    latenciesMs.add(latencyMs);
    provenance.merge(madeBy, 1L, Long::sum);
  }

  /** A field that has few values got one of them. */
  public void addValue(String field, String value) {
    countValue(field, value, 1);
  }

  private void countValue(String field, String value, long number) {
    TreeMap<String, Long> known = values.computeIfAbsent(field, name -> new TreeMap<>());
    boolean fits = known.containsKey(value) || known.size() < MAX_VALUES;
    known.merge(fits ? value : OTHERS, number, Long::sum);
  }

  public void addSample(Sample sample) {
    samples.add(sample);
  }

  public void merge(EnrichmentTotals other) {
    records += other.records;
    enriched += other.enriched;
    reused += other.reused;
    deadLetters += other.deadLetters;
    askedAgain += other.askedAgain;
    promptTokens += other.promptTokens;
    cachedTokens += other.cachedTokens;
    reasoningTokens += other.reasoningTokens;
    completionTokens += other.completionTokens;
    other.errors.forEach((code, number) -> errors.merge(code, number, Long::sum));
    promptLengths.merge(other.promptLengths);
    completionLengths.merge(other.completionLengths);
    latenciesMs.merge(other.latenciesMs);
    other.values.forEach(
        (field, counts) -> counts.forEach((value, number) -> countValue(field, value, number)));
    other.provenance.forEach((by, number) -> provenance.merge(by, number, Long::sum));
    samples.addAll(other.samples);
  }

  public long records() {
    return records;
  }

  public long enriched() {
    return enriched;
  }

  public long reused() {
    return reused;
  }

  public long deadLetters() {
    return deadLetters;
  }

  public long askedAgain() {
    return askedAgain;
  }

  public long promptTokens() {
    return promptTokens;
  }

  public long cachedTokens() {
    return cachedTokens;
  }

  public long reasoningTokens() {
    return reasoningTokens;
  }

  public long completionTokens() {
    return completionTokens;
  }

  public Map<String, Long> errors() {
    return new TreeMap<>(errors);
  }

  public Distribution promptLengths() {
    return promptLengths;
  }

  public Distribution completionLengths() {
    return completionLengths;
  }

  public Distribution latenciesMs() {
    return latenciesMs;
  }

  public Map<String, Map<String, Long>> values() {
    return new LinkedHashMap<>(values);
  }

  /** Answers by what made them. */
  public Map<String, Long> provenance() {
    return new TreeMap<>(provenance);
  }

  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  public String toJson() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("totals cannot be written", e);
    }
  }

  /**
   * @throws UncheckedIOException where the text is none of {@link #toJson}
   */
  public static EnrichmentTotals fromJson(String json) {
    try {
      return MAPPER.readValue(json, EnrichmentTotals.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("totals cannot be read", e);
    }
  }
}

package ai.falaj.jobs.size;

import ai.falaj.runtime.gguf.GgufTensorBytes;
import ai.falaj.runtime.memory.ModelGeometry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Sizes of a model whose file is not here: one of {@code models.json}, or as somebody gave them.
 *
 * @param repository on Hugging Face, as a server is told it
 * @param headLength elements of a key, and of a value
 * @param tiedEmbeddings whether the output uses the input's tensor
 */
record KnownModel(
    String name,
    List<String> aliases,
    String repository,
    long parameters,
    int layers,
    int kvHeads,
    int queryHeads,
    int headLength,
    int embeddingLength,
    int feedForwardLength,
    int vocabularySize,
    boolean tiedEmbeddings) {

  private static final String RESOURCE = "models.json";

  KnownModel {
    Objects.requireNonNull(name, "name");
    aliases = List.copyOf(aliases);
    Objects.requireNonNull(repository, "repository");
    if (parameters < 1 || layers < 1 || kvHeads < 1 || headLength < 1) {
      throw new IllegalArgumentException(
          "%s has %d parameters, %d layers, %d KV heads of %d; each must be 1 or more"
              .formatted(name, parameters, layers, kvHeads, headLength));
    }
  }

  /** Of this release. */
  static List<KnownModel> bundled() {
    try (InputStream in = KnownModel.class.getResourceAsStream(RESOURCE)) {
      List<KnownModel> models = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(in).required("models")) {
        models.add(parse(node));
      }
      return List.copyOf(models);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the resource " + RESOURCE, e);
    }
  }

  /** By name or alias, whatever the case. */
  static Optional<KnownModel> find(String name) {
    return bundled().stream().filter(model -> model.isCalled(name)).findFirst();
  }

  private boolean isCalled(String text) {
    return name.equalsIgnoreCase(text) || aliases.stream().anyMatch(text::equalsIgnoreCase);
  }

  /**
   * With weights of a format.
   *
   * @param weightBytes of the file, where it is known; else what the format makes of the parameters
   */
  ModelGeometry geometry(String quantization, long weightBytes) {
    double bytesPerParameter = (double) weightBytes / parameters;
    long output = Math.round(bytesPerParameter * embeddingLength * vocabularySize);
    long embeddings = tiedEmbeddings ? output : 2 * output;
    return new ModelGeometry(
        quantization,
        parameters,
        weightBytes,
        new GgufTensorBytes(Math.max(0, weightBytes - embeddings), output, weightBytes),
        layers,
        (long) layers * kvHeads,
        queryHeads,
        headLength,
        headLength,
        embeddingLength,
        feedForwardLength,
        vocabularySize);
  }

  private static KnownModel parse(JsonNode node) {
    List<String> aliases = new ArrayList<>();
    node.required("aliases").forEach(alias -> aliases.add(alias.asText()));
    return new KnownModel(
        node.required("name").asText(),
        aliases,
        node.required("repository").asText(),
        node.required("parameters").asLong(),
        node.required("layers").asInt(),
        node.required("kvHeads").asInt(),
        node.required("queryHeads").asInt(),
        node.required("headLength").asInt(),
        node.required("embeddingLength").asInt(),
        node.required("feedForwardLength").asInt(),
        node.required("vocabularySize").asInt(),
        node.required("tiedEmbeddings").asBoolean());
  }
}

package ai.falaj.runtime.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The models that Falaj knows by name. Immutable. */
public final class ModelCatalogue {

  /** What the demo runs. */
  public static final String DEMO_MODEL = "smollm2-135m-instruct";

  private static final String RESOURCE = "catalogue.json";

  private final List<CatalogueModel> models;

  ModelCatalogue(List<CatalogueModel> models) {
    this.models = List.copyOf(models);
  }

  /** The catalogue of this release. */
  public static ModelCatalogue bundled() {
    try (InputStream in = ModelCatalogue.class.getResourceAsStream(RESOURCE)) {
      return parse(new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the resource " + RESOURCE, e);
    }
  }

  public List<CatalogueModel> models() {
    return models;
  }

  /** By name or alias, whatever the case. */
  public Optional<CatalogueModel> find(String name) {
    return models.stream().filter(model -> model.isCalled(name)).findFirst();
  }

  /**
   * Reads {@code name} or {@code name:quantization}.
   *
   * @throws ModelException naming what there is
   */
  public ModelReference reference(String text) throws ModelException {
    int colon = text.lastIndexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    CatalogueModel model =
        find(name)
            .orElseThrow(
                () ->
                    new ModelException(
                        "There is no model '"
                            + name
                            + "'; name one of "
                            + names()
                            + ", or the path of a .gguf file"));
    if (colon < 0) {
      return new ModelReference(model, model.defaultFile());
    }
    String quantization = text.substring(colon + 1);
    return new ModelReference(
        model,
        model
            .file(quantization)
            .orElseThrow(
                () ->
                    new ModelException(
                        model.name()
                            + " has no quantization '"
                            + quantization
                            + "'; name one of "
                            + model.files().stream()
                                .map(CatalogueFile::quantization)
                                .collect(Collectors.joining(", ")))));
  }

  private String names() {
    return models.stream().map(CatalogueModel::name).collect(Collectors.joining(", "));
  }

  private static ModelCatalogue parse(JsonNode root) {
    List<CatalogueModel> models = new ArrayList<>();
    for (JsonNode model : root.required("models")) {
      models.add(parseModel(model));
    }
    return new ModelCatalogue(models);
  }

  private static CatalogueModel parseModel(JsonNode model) {
    List<String> aliases = new ArrayList<>();
    model.required("aliases").forEach(alias -> aliases.add(alias.asText()));
    List<CatalogueFile> files = new ArrayList<>();
    model.required("quantizations").forEach(file -> files.add(parseFile(file)));
    return new CatalogueModel(
        model.required("name").asText(),
        aliases,
        model.required("description").asText(),
        model.required("licence").asText(),
        model.required("parameters").asLong(),
        model.required("contextTokens").asInt(),
        model.required("kvBytesPerToken").asLong(),
        model.required("repository").asText(),
        model.required("revision").asText(),
        model.required("defaultQuantization").asText(),
        files);
  }

  private static CatalogueFile parseFile(JsonNode file) {
    boolean approximate = !file.has("bytes");
    return new CatalogueFile(
        file.required("name").asText(),
        text(file, "file"),
        file.required(approximate ? "approximateBytes" : "bytes").asLong(),
        approximate,
        text(file, "sha256"),
        Optional.ofNullable(file.get("wheel")).map(ModelCatalogue::parseWheel));
  }

  private static CatalogueFile.Wheel parseWheel(JsonNode wheel) {
    return new CatalogueFile.Wheel(
        wheel.required("project").asText(),
        wheel.required("version").asText(),
        wheel.required("member").asText());
  }

  private static Optional<String> text(JsonNode node, String field) {
    return Optional.ofNullable(node.get(field)).map(JsonNode::asText);
  }
}

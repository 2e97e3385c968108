package ai.falaj.jobs.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Kubernetes manifests, file by file and as {@code kubectl kustomize} puts them together, held
 * to the operator's resource definition and to the model of Kubernetes' own kinds: no field that
 * they do not know, no value of another type. Needs no cluster and no Docker engine.
 */
class ManifestsIT {

  private static final Path MANIFESTS =
      Path.of(System.getProperty("falaj.home"), "docker", "kubernetes").normalize();
  private static final String DEFINITION =
      "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final long LIMIT_S = 30;

  private static final Map<String, Class<? extends KubernetesResource>> KINDS =
      Map.of(
          "Namespace", Namespace.class,
          "ServiceAccount", ServiceAccount.class,
          "PersistentVolumeClaim", PersistentVolumeClaim.class,
          "Service", Service.class,
          "Deployment", Deployment.class,
          "NetworkPolicy", NetworkPolicy.class,
          "PodDisruptionBudget", PodDisruptionBudget.class,
          "Role", Role.class,
          "RoleBinding", RoleBinding.class);

  @Test
  void everyFileIsWhatKubernetesAndTheOperatorKnow() throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    try (Stream<Path> files = Files.walk(MANIFESTS)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        documents.addAll(documents(Files.readString(file)));
      }
    }

    assertThat(documents).filteredOn(ManifestsIT::isResource).hasSizeGreaterThan(12);
    documents.stream().filter(ManifestsIT::isResource).forEach(ManifestsIT::assertKnown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void everyOverlayIsWhatKubernetesAndTheOperatorKnow(String overlay) throws Exception {
    List<JsonNode> documents = built(overlay);

    documents.forEach(ManifestsIT::assertKnown);
    assertThat(documents)
        .allSatisfy(
            document ->
                assertThat(document.at("/metadata/namespace").asText("falaj")).isEqualTo("falaj"));
    assertThat(documents)
        .filteredOn(document -> kind(document).equals("FlinkDeployment"))
        .hasSize(1);
    assertThat(documents)
        .flatExtracting(document -> document.findValuesAsText("image"))
        .isNotEmpty()
        .allMatch(image -> image.contains(":"));
    assertThat(documents.toString()).contains("readOnlyRootFilesystem").contains("runAsNonRoot");
  }

  @Test
  void findsAFieldThatTheOperatorDoesNotKnow() throws IOException {
    ObjectNode document =
        (ObjectNode)
            YAML.readTree(Files.readString(MANIFESTS.resolve("base/flink-deployment.yaml")));
    ((ObjectNode) document.at("/spec/podTemplate/spec/securityContext")).put("runAsNobody", true);

    assertThat(errors(document)).singleElement().asString().contains("runAsNobody");
  }

  @Test
  void findsAFieldThatKubernetesDoesNotKnow() throws IOException {
    JsonNode document =
        YAML.readTree(
            "{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: [{prot: 1}]}}");

    assertThat(unknown(YAML.treeToValue(document, Service.class), "Service"))
        .containsExactly("Service.spec.ports.prot");
  }

  private static boolean isResource(JsonNode document) {
    return !kind(document).isEmpty() && !kind(document).equals("Kustomization");
  }

  private static String kind(JsonNode document) {
    return document.path("kind").asText();
  }

  private static void assertKnown(JsonNode document) {
    String name = kind(document) + " " + document.at("/metadata/name").asText();
    if (kind(document).equals("FlinkDeployment")) {
      assertThat(errors(document)).as(name).isEmpty();
      return;
    }
    assertThat(KINDS).as("kinds that this test can check").containsKey(kind(document));
    try {
      assertThat(unknown(YAML.treeToValue(document, KINDS.get(kind(document))), kind(document)))
          .as(name)
          .isEmpty();
    } catch (IOException e) {
      throw new AssertionError(name + ": " + e.getMessage(), e);
    }
  }

  /** What the resource definition has against it. */
  private static List<String> errors(JsonNode document) {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(definition());
    return schema.validate(document).stream().map(Object::toString).toList();
  }

  /**
   * The definition of the newest operator whose API is at hand, 1.10. It differs from that of a
   * release which knows Flink 2.3 in the list of Flink versions, which is left out here.
   */
  private static JsonNode definition() {
    try (InputStream file = ManifestsIT.class.getResourceAsStream(DEFINITION)) {
      JsonNode schema = YAML.readTree(file).at("/spec/versions/0/schema/openAPIV3Schema");
      ((ObjectNode) schema.at("/properties/spec/properties/flinkVersion")).remove("enum");
      ObjectNode properties = (ObjectNode) schema.path("properties");
      for (String common : List.of("apiVersion", "kind", "metadata")) {
        properties.putObject(common);
      }
      refuseUnknown(schema);
      return schema;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As the API server does with strict validation: objects have the fields that are declared. */
  private static void refuseUnknown(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(ManifestsIT::refuseUnknown);
  }

  /** Fields that the model took as additional ones, by path. */
  private static List<String> unknown(KubernetesResource resource, String path) {
    List<String> found = new ArrayList<>();
    collectUnknown(resource, path, found);
    return found;
  }

  private static void collectUnknown(Object value, String path, List<String> found) {
    if (value instanceof List<?> list) {
      list.forEach(element -> collectUnknown(element, path, found));
    }
    if (!(value instanceof KubernetesResource)) {
      return;
    }
    for (var method : value.getClass().getMethods()) {
      if (method.getParameterCount() > 0 || !method.getName().startsWith("get")) {
        continue;
      }
      Object part;
      try {
        part = method.invoke(value);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(path + ": " + method, e);
      }
      String name = method.getName().substring("get".length());
      if (name.equals("AdditionalProperties")) {
        ((Map<?, ?>) part).keySet().forEach(key -> found.add(path + "." + key));
      } else {
        String field = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
        collectUnknown(part, path + "." + field, found);
      }
    }
  }

  private static List<JsonNode> built(String overlay) throws Exception {
    Process kustomize;
    try {
      kustomize =
          new ProcessBuilder(
                  "kubectl", "kustomize", MANIFESTS.resolve("overlays/" + overlay).toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      return Assumptions.abort("kubectl is not installed, so nothing puts the overlay together");
    }
    String yaml = new String(kustomize.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(kustomize.waitFor(LIMIT_S, TimeUnit.SECONDS)).isTrue();
    assertThat(kustomize.exitValue()).isZero();
    return documents(yaml);
  }

  private static List<JsonNode> documents(String yaml) throws IOException {
    try (var parser = YAML.getFactory().createParser(yaml)) {
      return YAML.readValues(parser, JsonNode.class).readAll();
    }
  }
}

package ai.falaj.runtime.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Hugging Face's addresses and file lists, or those of a mirror with the same paths.
 *
 * <p>The access token goes to the endpoint's own host only, never to the storage that it redirects
 * to, and never into a message.
 */
final class HuggingFace {

  /** As Hugging Face's own tools read them. */
  static final String ENDPOINT_VARIABLE = "HF_ENDPOINT";

  static final String TOKEN_VARIABLE = "HF_TOKEN";
  static final URI DEFAULT_ENDPOINT = URI.create("https://huggingface.co");

  private static final Pattern SPLIT_PART = Pattern.compile(".*-\\d{5}-of-\\d{5}\\.gguf");

  private final URI endpoint;
  private final Optional<String> token;

  HuggingFace(URI endpoint, Optional<String> token) {
    this.endpoint = endpoint;
    this.token = token;
  }

  static HuggingFace of(Map<String, String> environment) throws ModelException {
    String endpoint = environment.getOrDefault(ENDPOINT_VARIABLE, "").strip();
    Optional<String> token =
        Optional.ofNullable(environment.get(TOKEN_VARIABLE))
            .map(String::strip)
            .filter(value -> !value.isEmpty());
    if (endpoint.isEmpty()) {
      return new HuggingFace(DEFAULT_ENDPOINT, token);
    }
    try {
      URI uri = URI.create(endpoint.replaceAll("/+$", ""));
      if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
        return new HuggingFace(uri, token);
      }
    } catch (IllegalArgumentException e) {
      throw badEndpoint(endpoint, e);
    }
    throw badEndpoint(endpoint, null);
  }

  private static ModelException badEndpoint(String endpoint, IllegalArgumentException cause) {
    return new ModelException(
        ENDPOINT_VARIABLE
            + " is '"
            + endpoint
            + "'; it must be an http or https address such as "
            + DEFAULT_ENDPOINT,
        cause);
  }

  String host() {
    return endpoint.getHost();
  }

  /** Headers for a request to this address. */
  Map<String, String> headersFor(URI address) {
    boolean own =
        endpoint.getHost().equalsIgnoreCase(address.getHost())
            && endpoint.getScheme().equalsIgnoreCase(address.getScheme())
            && endpoint.getPort() == address.getPort();
    return own && token.isPresent() ? Map.of("Authorization", "Bearer " + token.get()) : Map.of();
  }

  /** The address of a file's content. */
  URI address(CatalogueModel model, String remoteName) {
    return URI.create(
        endpoint
            + "/"
            + model.repository()
            + "/resolve/"
            + model.revision()
            + "/"
            + encoded(remoteName));
  }

  /** Names come from a host's list: they may hold anything. */
  private static String encoded(String path) {
    try {
      return new URI(null, null, "/" + path, null).toASCIIString().substring(1);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + path + "' is no path", e);
    }
  }

  /** The address of the list of a repository's files. */
  URI listAddress(CatalogueModel model) {
    return URI.create(endpoint + "/api/models/" + model.repository() + "/tree/" + model.revision());
  }

  /** Reads the list that {@link #listAddress} answers with: the names of the .gguf files in it. */
  static List<String> readList(byte[] body) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (JsonNode file : new ObjectMapper().readTree(body)) {
        String name = file.path("path").asText();
        if (file.path("type").asText().equals("file") && name.endsWith(".gguf")) {
          names.add(name);
        }
      }
    } catch (JsonProcessingException e) {
      throw new IOException("the list of files is no JSON", e);
    }
    return names;
  }

  /**
   * Chooses the file of a quantization. Publishers put its name before the ending, after a dot or a
   * dash, in either case.
   */
  static Optional<String> choose(List<String> names, String quantization) {
    Pattern pattern =
        Pattern.compile(
            "(?:.*/)?[^/]*[.-]" + Pattern.quote(quantization) + "\\.gguf",
            Pattern.CASE_INSENSITIVE);
    return names.stream()
        .filter(name -> pattern.matcher(name).matches() && !SPLIT_PART.matcher(name).matches())
        .sorted()
        .findFirst();
  }

  @Override
  public String toString() {
    return endpoint.toString();
  }
}

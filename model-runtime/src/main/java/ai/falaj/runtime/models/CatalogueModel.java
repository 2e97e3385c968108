package ai.falaj.runtime.models;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A model that Falaj knows by name.
 *
 * @param name lower case, as the command line takes it
 * @param aliases other names for it
 * @param licence SPDX identifier
 * @param contextTokens tokens that it was made to attend to, as its publisher says; the file's own
 *     header decides
 * @param kvBytesPerToken of an f16 KV cache
 * @param repository on Hugging Face
 * @param revision branch or commit in it
 * @param defaultQuantization taken when a reference names none
 * @param files one for each quantization, smallest first
 */
public record CatalogueModel(
    String name,
    List<String> aliases,
    String description,
    String licence,
    long parameters,
    int contextTokens,
    long kvBytesPerToken,
    String repository,
    String revision,
    String defaultQuantization,
    List<CatalogueFile> files) {

  public CatalogueModel {
    Objects.requireNonNull(name, "name");
    aliases = List.copyOf(aliases);
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(licence, "licence");
    Objects.requireNonNull(repository, "repository");
    Objects.requireNonNull(revision, "revision");
    files = List.copyOf(files);
    if (files.stream().noneMatch(file -> file.quantization().equals(defaultQuantization))) {
      throw new IllegalArgumentException(
          "the default quantization " + defaultQuantization + " of " + name + " has no file");
    }
  }

  /** The file of a quantization, whatever the case of its name. */
  public Optional<CatalogueFile> file(String quantization) {
    return files.stream()
        .filter(file -> file.quantization().equalsIgnoreCase(quantization))
        .findFirst();
  }

  public CatalogueFile defaultFile() {
    return file(defaultQuantization).orElseThrow();
  }

  /**
   * Native memory that weights and KV cache take, for planning before the file is here; {@link
   * ai.falaj.runtime.gguf.GgufHeader#estimateResidentBytes} knows more once it is.
   */
  public long estimatedMemoryBytes(
      CatalogueFile file, int sequences, int contextTokensPerSequence) {
    return file.bytes() + kvBytesPerToken * sequences * contextTokensPerSequence;
  }

  boolean isCalled(String nameOrAlias) {
    return name.equalsIgnoreCase(nameOrAlias)
        || aliases.stream().anyMatch(alias -> alias.equalsIgnoreCase(nameOrAlias));
  }
}

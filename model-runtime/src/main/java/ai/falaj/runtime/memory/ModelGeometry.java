package ai.falaj.runtime.memory;

import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.gguf.GgufTensorBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;

/**
 * The sizes of a decoder-only transformer: all that its memory and its arithmetic depend on. Read
 * from a model file, or known of a model that is not here. Immutable.
 *
 * @param quantization as publishers write it
 * @param parameters elements of all tensors
 * @param weightBytes of all files of the model
 * @param places where the bytes of the file's tensors are; of a model in several files, of the
 *     first, whose mix stands for all
 * @param layers transformer blocks
 * @param kvHeadsOfAllLayers key and value heads of all layers together
 * @param queryHeads of one layer
 * @param keyLength elements of a head's key
 * @param valueLength elements of a head's value
 * @param embeddingLength width of the residual stream
 * @param feedForwardLength elements between the two matrices of a feed-forward block, as one token
 *     meets them
 * @param vocabularySize tokens
 */
public record ModelGeometry(
    String quantization,
    long parameters,
    long weightBytes,
    GgufTensorBytes places,
    int layers,
    long kvHeadsOfAllLayers,
    int queryHeads,
    int keyLength,
    int valueLength,
    int embeddingLength,
    long feedForwardLength,
    int vocabularySize) {

  public ModelGeometry {
    Objects.requireNonNull(quantization, "quantization");
    Objects.requireNonNull(places, "places");
    if (parameters < 0 || weightBytes < 0 || layers < 0 || kvHeadsOfAllLayers < 0) {
      throw new IllegalArgumentException(
          "%d parameters in %d bytes, %d layers and %d KV heads; none is negative"
              .formatted(parameters, weightBytes, layers, kvHeadsOfAllLayers));
    }
  }

  /**
   * As the header says.
   *
   * @throws IOException if a further part of a model in several files cannot be looked at
   */
  public static ModelGeometry of(GgufHeader header) throws IOException {
    return new ModelGeometry(
        header.quantization(),
        header.parameterCount(),
        weightBytes(header),
        header.tensorBytesByPlace(),
        header.blockCount(),
        header.kvHeadsOfAllLayers(),
        header.headCount(),
        header.keyLength(),
        header.valueLength(),
        header.embeddingLength(),
        header.feedForwardLength(),
        header.vocabularySize());
  }

  private static long weightBytes(GgufHeader model) throws IOException {
    long bytes = model.tensorBytes();
    String name = model.file().getFileName().toString();
    for (int part = 2; part <= model.splitCount(); part++) {
      String sibling = name.replace("-00001-of-", "-%05d-of-".formatted(part));
      bytes += Files.size(model.file().resolveSibling(sibling));
    }
    return bytes;
  }
}

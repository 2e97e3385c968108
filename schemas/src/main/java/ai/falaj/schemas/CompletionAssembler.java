package ai.falaj.schemas;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Puts the chunks of one request together, sample by sample. The samples of a request are written
 * side by side and know nothing of each other: each has sequences, token offsets and an end of its
 * own, so what {@link ChunkAssembler} says of one holds for each. Not thread-safe.
 */
public final class CompletionAssembler {

  private final String requestId;
  private final List<ChunkAssembler> samples;

  /**
   * @param samples that the request asked for ({@code n}), at least 1
   */
  public CompletionAssembler(String requestId, int samples) {
    this.requestId = Objects.requireNonNull(requestId, "requestId");
    if (samples < 1) {
      throw new IllegalArgumentException("samples is " + samples + "; it must be 1 or more");
    }
    this.samples =
        IntStream.range(0, samples)
            .mapToObj(index -> new ChunkAssembler(requestId, index))
            .toList();
  }

  /**
   * Takes a chunk.
   *
   * @return what changed for the eye, in the chunk's sample
   * @throws IllegalArgumentException if the chunk belongs to another request, or to a sample that
   *     the request did not ask for
   */
  public ChunkAssembler.Update add(CompletionChunk chunk) {
    return sample(chunk.getSample()).add(chunk);
  }

  /** The text of one sample, also before its first chunk. */
  public ChunkAssembler sample(int index) {
    if (index < 0 || index >= samples.size()) {
      throw new IllegalArgumentException(
          "sample is %d and request %s asked for %d".formatted(index, requestId, samples.size()));
    }
    return samples.get(index);
  }

  /** Samples that the request asked for. */
  public int samples() {
    return samples.size();
  }

  /** Completion tokens whose text is shown, of all samples. */
  public int tokens() {
    return samples.stream().mapToInt(ChunkAssembler::tokens).sum();
  }

  /**
   * Whether the text of every sample is whole. A higher attempt may still replace it until its
   * Completion is out.
   */
  public boolean isComplete() {
    return samples.stream().allMatch(ChunkAssembler::isComplete);
  }
}

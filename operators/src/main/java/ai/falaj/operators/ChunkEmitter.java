package ai.falaj.operators;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.FinishReason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Turns token deltas into chunks. Confined to the task mailbox thread.
 *
 * <p>All deltas that one mail brings become one chunk per sample, two where the text changes from
 * reasoning to answer in between. Tokens whose text is still held back are counted in the chunk
 * that releases it. Where several chunks leave together, the last one carries the tokens, so that a
 * {@code token_offset} never points between chunks that belong together.
 */
final class ChunkEmitter {

  /** Where chunks go. */
  interface Output {
    void emit(ActiveRequest request, CompletionChunk chunk);
  }

  private final boolean enabled;
  private final LongSupplier clockMs;
  private final Output output;

  ChunkEmitter(boolean enabled, LongSupplier clockMs, Output output) {
    this.enabled = enabled;
    this.clockMs = clockMs;
    this.output = output;
  }

  /** Whether this request's tokens are sent in chunks. */
  boolean wants(ActiveRequest request) {
    return enabled && request.request().getStream();
  }

  /** Sends the text that came since the last chunk, if there is any. */
  void maybeEmit(ActiveRequest request) {
    if (!wants(request)) {
      return;
    }
    for (ActiveSample sample : request.samples) {
      if (sample.chunks.hasText()) {
        emit(request, sample, Optional.empty());
      }
    }
  }

  /**
   * Sends the last chunk of each sample, with its finish reason and every token that was not
   * counted yet.
   *
   * @throws IllegalStateException when chunks counted more tokens than the result has
   */
  void emitLast(ActiveRequest request, GenerationResult result) {
    if (!wants(request)) {
      return;
    }
    for (ActiveSample sample : request.samples) {
      GenerationResult.Sample end = result.samples().get(sample.index);
      int counted = sample.chunks.emittedTokens() + sample.chunks.pendingTokens();
      if (counted != end.completionTokens()) {
        throw new IllegalStateException(
            "the runtime told %d tokens of sample %d and then a result of %d: %s"
                .formatted(counted, sample.index, end.completionTokens(), request));
      }
      emit(request, sample, Optional.of(Values.finishReason(end.finishReason())));
    }
  }

  /** Ends the chunks of a request that ends without a runtime's result. */
  void emitCancelled(ActiveRequest request) {
    if (wants(request)) {
      for (ActiveSample sample : request.samples) {
        emit(request, sample, Optional.of(FinishReason.CANCELLED));
      }
    }
  }

  private void emit(ActiveRequest request, ActiveSample sample, Optional<FinishReason> reason) {
    ChunkCursor cursor = sample.chunks;
    List<ChunkCursor.Piece> pieces = cursor.takePieces();
    if (pieces.isEmpty()) {
      pieces = List.of(new ChunkCursor.Piece(Channel.ANSWER, new StringBuilder()));
    }
    for (int i = 0; i < pieces.size(); i++) {
      boolean last = i == pieces.size() - 1;
      int tokens = last ? cursor.pendingTokens() : 0;
      CompletionChunk chunk =
          new CompletionChunk(
              request.requestId(),
              request.attempt,
              cursor.nextSequence(),
              cursor.emittedTokens(),
              tokens,
              Values.channel(pieces.get(i).channel()),
              pieces.get(i).text().toString(),
              last ? reason.orElse(null) : null,
              Instant.ofEpochMilli(clockMs.getAsLong()),
              sample.index,
              cursor.followsAttempt());
      cursor.emitted(tokens, request.attempt);
      output.emit(request, chunk);
    }
  }
}

package ai.falaj.operators.reasoning;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.CompletionChunk;
import java.util.Optional;
import org.apache.flink.api.common.functions.MapFunction;

/**
 * Shows the first candidate while it is written, under the client's request id. Where there are
 * others, its end is not the completion's: the winner's chunks follow with a higher attempt, which
 * replaces it for every reader. Stateless.
 */
final class ChunkForwarder
    implements MapFunction<OutputRecord<CompletionChunk>, OutputRecord<CompletionChunk>> {

  private static final long serialVersionUID = 1L;

  @Override
  public OutputRecord<CompletionChunk> map(OutputRecord<CompletionChunk> record) {
    CompletionChunk chunk = record.value();
    CandidateId candidate = CandidateId.parse(chunk.getRequestId());
    return new OutputRecord<>(
        Optional.of(candidate.requestId()),
        CompletionChunk.newBuilder(chunk)
            .setRequestId(candidate.requestId())
            .setFinishReason(candidate.samples() == 1 ? chunk.getFinishReason() : null)
            .build(),
        record.traceparent());
  }
}

package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.FinishReason;
import java.util.concurrent.CompletableFuture;

/** An answer that is wanted whole: the completion, once it is committed. Any thread. */
final class WholeAnswer implements ResultListener {

  private final ChatJson json;
  private final CompletableFuture<byte[]> document = new CompletableFuture<>();

  WholeAnswer(ChatJson json) {
    this.json = json;
  }

  /** The answer's body; fails with a {@link WebException}. */
  CompletableFuture<byte[]> document() {
    return document;
  }

  @Override
  public void chunk(CompletionChunk chunk) {}

  @Override
  public void completed(Completion completion) {
    if (completion.getFinishReason() == FinishReason.CANCELLED) {
      failed(Failures.cancelled());
    } else {
      document.complete(json.whole(completion));
    }
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    failed(Failures.of(letter));
  }

  @Override
  public void failed(WebException reason) {
    document.completeExceptionally(reason);
  }
}

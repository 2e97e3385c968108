package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;

/**
 * Waits for what becomes of one request. Called by the thread of {@link ResultFeed}, so quickly;
 * {@link #failed} by any thread.
 */
interface ResultListener {

  /** A piece of text; pieces come twice, and a later attempt writes anew. */
  void chunk(CompletionChunk chunk);

  /** The result; nothing comes after it. */
  void completed(Completion completion);

  /** There is none, and this is why. */
  void deadLettered(DeadLetter letter);

  /** Nobody waits any longer. */
  void failed(WebException reason);
}

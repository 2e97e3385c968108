package ai.falaj.jobs.gateway;

import ai.falaj.schemas.PromptRequest;
import java.util.concurrent.CompletableFuture;

/** Where prompts go. Any thread. */
interface Prompts {

  /** Writes a prompt; fails with a {@link ai.falaj.jobs.web.WebException}. */
  CompletableFuture<?> send(PromptRequest prompt);

  /** Tells the job that nobody waits for that prompt any longer; fails likewise. */
  CompletableFuture<?> cancel(String requestId);
}

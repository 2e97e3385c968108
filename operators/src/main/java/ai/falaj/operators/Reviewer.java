package ai.falaj.operators;

import ai.falaj.operators.RequestMapper.RejectedRequestException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.Optional;

/**
 * Puts what an {@link AnswerReview} asks for in a request's place. Confined to the task mailbox
 * thread.
 */
final class Reviewer {

  private final AnswerReview review;
  private final RequestMapper mapper;

  Reviewer(AnswerReview review, RequestMapper mapper) {
    this.review = review;
    this.mapper = mapper;
  }

  /**
   * Looks at an answer whose request is not in the runtime any more.
   *
   * @return whether the request asks something else now, and has to be submitted again
   * @throws IllegalStateException where the review asks for what cannot be asked, or as another
   *     request
   */
  boolean asksInstead(ActiveRequest request, Completion answer) {
    Optional<PromptRequest> instead = review.askInstead(request.request(), answer);
    if (instead.isEmpty()) {
      return false;
    }
    if (!instead.get().getRequestId().equals(request.requestId())) {
      throw new IllegalStateException("the review asks under another id: " + request);
    }
    GenerationRequest generation;
    try {
      generation = mapper.map(instead.get(), request.prompt.origin());
    } catch (RejectedRequestException rejected) {
      throw new IllegalStateException(
          "the review asks for what cannot be: " + rejected.getMessage(), rejected);
    }
    request.askInstead(instead.get(), generation, mapper.estimateTokens(generation));
    return true;
  }
}

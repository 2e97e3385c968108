package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets equal requests have one answer ({@link AnswerReuse}): the first one is asked, those that
 * come while it is in flight follow it, those that come later find its answer in the {@link
 * AnswerCache}. Confined to the task mailbox thread; speaks of the operator's current key where it
 * reads or writes answers.
 *
 * <p>Followers are in the operator's state as any other request in flight, without tokens. After a
 * restore the first request of an id is asked and the others follow it: it is the one that was
 * accepted first, so it is the one with the tokens.
 */
final class SharedAnswers {

  private final AnswerCache cache;

  /** Followers of the requests that were asked and have not ended, by request id. */
  private final Map<String, List<ActiveRequest>> followers = new HashMap<>();

  SharedAnswers(AnswerCache cache) {
    this.cache = cache;
  }

  /** The answer of an equal request that has ended. */
  Optional<Completion> known(String requestId, Optional<String> modelSha256) throws Exception {
    return cache.find(requestId, modelSha256);
  }

  /**
   * Takes a request in.
   *
   * @return whether it follows an equal one that is in flight; else it is the one to ask
   */
  boolean follows(ActiveRequest request) {
    List<ActiveRequest> others = followers.get(request.requestId());
    if (others == null) {
      followers.put(request.requestId(), new ArrayList<>(0));
      return false;
    }
    others.add(request);
    request.state = ActiveRequest.State.FOLLOWING;
    request.isRepeat = true;
    return true;
  }

  /** The requests that end as this one does. */
  List<ActiveRequest> followersOf(ActiveRequest request) {
    return request.isRepeat ? List.of() : followers.getOrDefault(request.requestId(), List.of());
  }

  /**
   * The request that was asked has ended; the next one of its id is asked again, unless it finds
   * the answer.
   *
   * @return its followers
   */
  List<ActiveRequest> ended(ActiveRequest request) throws Exception {
    List<ActiveRequest> others = followers.remove(request.requestId());
    if (others == null) {
      throw new IllegalStateException("ended without having been asked: " + request);
    }
    if (request.completion.isPresent()) {
      cache.put(request.completion.get());
    }
    return others;
  }
}

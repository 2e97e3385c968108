package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which dead letters are meant: those that satisfy every part that is given.
 *
 * @param codes empty: any
 * @param requestIds empty: any, also letters of records that could not be decoded and have none
 * @param since the earliest time of failure; empty: any
 */
record LetterFilter(Set<ErrorCode> codes, Set<String> requestIds, Optional<Instant> since) {

  static final LetterFilter ALL = new LetterFilter(Set.of(), Set.of(), Optional.empty());

  LetterFilter {
    codes = Set.copyOf(codes);
    requestIds = Set.copyOf(requestIds);
  }

  boolean matches(DeadLetter letter) {
    return (codes.isEmpty() || codes.contains(letter.getErrorCode()))
        && (requestIds.isEmpty()
            || (letter.getRequestId() != null && requestIds.contains(letter.getRequestId())))
        && since.map(time -> !letter.getFailedAt().isBefore(time)).orElse(true);
  }
}

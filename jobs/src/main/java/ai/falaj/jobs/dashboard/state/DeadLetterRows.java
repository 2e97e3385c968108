package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.view.CutText;
import ai.falaj.jobs.dashboard.view.DeadLetterRow;
import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.schemas.DeadLetter;

/** Dead letters as rows. Stateless. */
final class DeadLetterRows {

  private static final int LONGEST_MESSAGE = 2_000;

  private DeadLetterRows() {}

  /** A letter that was just read: nobody has sent it again. */
  static DeadLetterRow of(FeedRecord record, DeadLetter letter) {
    return new DeadLetterRow(
        record.partition() + "-" + record.offset(),
        Names.boundedOrNull(letter.getRequestId()),
        letter.getErrorCode().name(),
        CutText.beginning(letter.getMessage(), LONGEST_MESSAGE),
        letter.getFailedAt().toEpochMilli(),
        letter.getAttempts(),
        letter.getRetries(),
        letter.getSourceTopic()
            + "-"
            + letter.getSourcePartition()
            + "@"
            + letter.getSourceOffset(),
        "OPEN");
  }
}

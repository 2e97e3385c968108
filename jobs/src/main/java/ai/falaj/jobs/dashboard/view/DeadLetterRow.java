package ai.falaj.jobs.dashboard.view;

/**
 * A dead letter in a list.
 *
 * @param id of the letter: partition and offset in the topic of dead letters
 * @param message what was wrong, and the remedy; never the prompt
 * @param source where the record that failed was read
 * @param state OPEN or RETRIED
 */
public record DeadLetterRow(
    String id,
    String requestId,
    String errorCode,
    String message,
    long failedAt,
    int attempts,
    int retries,
    String source,
    String state) {}

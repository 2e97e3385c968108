package ai.falaj.jobs.eval.grading;

import java.util.Optional;

/**
 * What became of one text.
 *
 * @param answer what was taken for its answer; empty where it has none, which is wrong
 */
public record Grade(Optional<ExtractedAnswer> answer, boolean isCorrect) {}

/**
 * {@code falaj eval}: a data set through the same topics and the same job as everything else,
 * graded. {@code data} reads problems, {@code run} sends them and keeps what comes back, {@code
 * grading} says what is right, {@code metrics} sums up, {@code compare} sets runs side by side.
 */
package ai.falaj.jobs.eval;

/**
 * Turns a row of logits into the next token of a sequence: biases, penalties, constraints,
 * truncation, a seeded draw.
 */
package ai.falaj.runtime.llamacpp.sampling;

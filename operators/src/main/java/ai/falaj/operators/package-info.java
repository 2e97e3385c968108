/**
 * Inference as a stream operator: prompts in, completions out, chunks and dead letters on the side.
 */
package ai.falaj.operators;

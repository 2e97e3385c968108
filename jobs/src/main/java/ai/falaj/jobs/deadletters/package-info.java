/**
 * What became of prompts that could not be answered: listing their dead letters, and sending them
 * again once each. A mark beside each retried letter, written in the same transaction as the prompt
 * itself, is the only state; {@link ai.falaj.jobs.deadletters.RetryMark} says why.
 */
package ai.falaj.jobs.deadletters;

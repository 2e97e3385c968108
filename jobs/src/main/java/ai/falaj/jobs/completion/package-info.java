/** The main job: prompts in, completions, chunks and dead letters out. Assembly only. */
package ai.falaj.jobs.completion;

/** Runs of a data set: settings, prompts, results, and the folder that keeps them. */
package ai.falaj.jobs.eval.run;

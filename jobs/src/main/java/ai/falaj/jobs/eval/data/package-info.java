/** Problems to be solved, and the files they come from. */
package ai.falaj.jobs.eval.data;

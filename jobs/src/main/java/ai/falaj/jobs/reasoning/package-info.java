/** The job that reasons: plan before you think, best of N, pairwise selection. Assembly only. */
package ai.falaj.jobs.reasoning;

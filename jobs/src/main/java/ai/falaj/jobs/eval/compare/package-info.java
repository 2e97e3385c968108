/** Tables and charts of several runs. */
package ai.falaj.jobs.eval.compare;

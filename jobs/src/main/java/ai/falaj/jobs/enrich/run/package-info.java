/** {@code falaj enrich}: the job in this process, with its progress, its plan and its report. */
package ai.falaj.jobs.enrich.run;

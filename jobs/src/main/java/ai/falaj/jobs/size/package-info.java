/**
 * {@code falaj size}: how much memory, how many machines and which settings a load needs, before
 * there is any of them. {@link ai.falaj.jobs.size.SizeCalculator} reckons, from a model's sizes, a
 * machine's data sheet and a load; everything it assumes is in its report.
 */
package ai.falaj.jobs.size;

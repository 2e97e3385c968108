/** {@code falaj simulate}: the scheduler under load on hardware that is not at hand. */
package ai.falaj.jobs.simulate;

/**
 * What {@code falaj doctor} looks at: one {@link ai.falaj.jobs.cli.doctor.Check} per thing that has
 * to be there, each with a remedy. {@link ai.falaj.jobs.cli.doctor.Doctor} lists them.
 */
package ai.falaj.jobs.cli.doctor;

/** Commands that see and answer what models want called, in place of a service that does. */
package ai.falaj.jobs.tools;

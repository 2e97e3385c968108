/** {@code falaj routes}: the control topic of routes, written and read. */
package ai.falaj.jobs.routes;

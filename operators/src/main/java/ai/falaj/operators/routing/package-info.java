/**
 * Which model answers a request: routes with weighted targets and shadows, and how they change
 * while the job runs.
 */
package ai.falaj.operators.routing;

/**
 * The completion job in containers of the images that {@code docker/build.sh} builds, against a
 * broker and a registry in containers, while they are killed and cut off. Compiled and run with the
 * Maven profile {@code containers}; skipped where no Docker engine answers.
 */
package ai.falaj.jobs.container;

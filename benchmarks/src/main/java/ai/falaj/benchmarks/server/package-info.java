/**
 * The runtime against {@code llama-server} over HTTP, and against itself without prefix sharing.
 */
package ai.falaj.benchmarks.server;

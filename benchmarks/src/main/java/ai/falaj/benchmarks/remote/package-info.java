/**
 * The remote runtime against a server whose timing is known: how much of what the server could give
 * arrives, and with how many threads.
 */
package ai.falaj.benchmarks.remote;

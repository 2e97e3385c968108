/**
 * Loads and what comes of them: the same token ids, lengths and clients for whichever engine runs
 * them.
 */
package ai.falaj.benchmarks.load;

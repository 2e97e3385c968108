package ai.falaj.benchmarks.simulation.cost;

/**
 * One pass over the model's weights.
 *
 * @param tokens that it computes
 * @param kvEntriesRead KV entries that attention reads from memory
 * @param attendedEntries pairs of a token and a KV entry that attention computes
 */
record Graph(int tokens, long kvEntriesRead, long attendedEntries) {}

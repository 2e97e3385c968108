/** What it costs to compute, copy and hold KV entries: the figures behind the prefix cache. */
package ai.falaj.benchmarks.kv;

/** What a benchmark came to: one JSON shape for all of them, and the table that is made of it. */
package ai.falaj.benchmarks.report;

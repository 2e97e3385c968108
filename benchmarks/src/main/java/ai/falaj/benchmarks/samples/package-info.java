/** What several samples of one prompt cost more than one. */
package ai.falaj.benchmarks.samples;

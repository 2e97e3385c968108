/** The arithmetic of the benchmarks that run whole jobs: rates, orders, fits, heaps. */
package ai.falaj.benchmarks.delivery;

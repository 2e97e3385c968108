/**
 * A runtime under random traffic and faults for as long as one likes, and what is left of it
 * afterwards: nothing.
 */
package ai.falaj.benchmarks.soak;

/** What guessing tokens ahead brings to answers that repeat their prompt. */
package ai.falaj.benchmarks.speculation;

/** llama.cpp's own programs: found, started, read, ended. */
package ai.falaj.benchmarks.llamatools;

/**
 * Which requests the engine crashed on: counted in this process, and written down for the next one
 * when llama.cpp ends the process.
 */
package ai.falaj.runtime.llamacpp.crash;

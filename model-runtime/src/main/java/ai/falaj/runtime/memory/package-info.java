/** Memory outside the Java heap: what a model is going to take, and what the machine has. */
package ai.falaj.runtime.memory;

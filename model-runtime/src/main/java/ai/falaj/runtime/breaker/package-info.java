/** When to stop asking an engine or a server that fails every time, and how to find it again. */
package ai.falaj.runtime.breaker;

/** Hand-written fakes that other modules test with. */
package ai.falaj.runtime.testing;

/** One runtime per JVM and spec, held by reference-counted leases. */
package ai.falaj.runtime.shared;

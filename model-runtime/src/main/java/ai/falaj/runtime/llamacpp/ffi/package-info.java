/**
 * llama.cpp's C API as Java objects: one class per native object, each of which frees what it owns.
 *
 * <p>Arguments are checked in Java first, because a failed assertion in the native code ends the
 * JVM. Layouts and semantics are those of {@code include/llama.h} of release 0.5.0.
 */
package ai.falaj.runtime.llamacpp.ffi;

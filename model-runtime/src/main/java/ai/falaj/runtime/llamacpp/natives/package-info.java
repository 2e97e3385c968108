/**
 * Finds llama.cpp's shared libraries on this machine, or installs the prebuilt ones of the one
 * release that the binding is written for.
 *
 * <p>They come out of an npm package, checked file by file against SHA-256 sums that were taken
 * when this release of Falaj was made (resources {@code <package>.sha256}); nothing of the package
 * is run.
 */
package ai.falaj.runtime.llamacpp.natives;

/**
 * Reads and checks GGUF model files in plain Java, so that a damaged file is an error message and
 * never reaches native code, where it would abort the JVM.
 *
 * <p>Format: <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF</a>, versions
 * 2 and 3, little-endian.
 */
package ai.falaj.runtime.gguf;

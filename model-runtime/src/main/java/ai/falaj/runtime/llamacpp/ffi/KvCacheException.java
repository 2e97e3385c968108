package ai.falaj.runtime.llamacpp.ffi;

/** llama.cpp did not copy KV entries. */
public final class KvCacheException extends Exception {

  private static final long serialVersionUID = 1L;

  public KvCacheException(String message) {
    super(message);
  }
}

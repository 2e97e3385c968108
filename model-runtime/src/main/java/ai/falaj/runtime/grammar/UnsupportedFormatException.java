package ai.falaj.runtime.grammar;

import ai.falaj.runtime.RuntimeErrorCode;

/** An output format that no grammar is made of, with the place that is to blame. */
public final class UnsupportedFormatException extends Exception {

  private final String path;
  private final boolean malformed;

  private UnsupportedFormatException(String path, String problem, boolean malformed) {
    super((path.isEmpty() ? "the whole schema" : path) + ": " + problem);
    this.path = path;
    this.malformed = malformed;
  }

  /** What no engine could follow: not a schema, not a pattern, or nothing would satisfy it. */
  static UnsupportedFormatException malformed(String path, String problem) {
    return new UnsupportedFormatException(path, problem, true);
  }

  /** What has a meaning that this compiler does not know, or is beyond one of its bounds. */
  static UnsupportedFormatException unsupported(String path, String problem) {
    return new UnsupportedFormatException(path, problem, false);
  }

  /** The same about a pattern at a place of its own. */
  UnsupportedFormatException under(String place) {
    return new UnsupportedFormatException(place, getMessage(), malformed);
  }

  /**
   * Where: a JSON Pointer into the schema (empty for its root), {@code position 5} of a pattern, or
   * {@code choice 2}, counted from 0.
   */
  public String path() {
    return path;
  }

  /** Whether the format is wrong, rather than right but not supported. */
  public boolean isMalformed() {
    return malformed;
  }

  /** The code to refuse a request with. */
  public RuntimeErrorCode code() {
    return malformed ? RuntimeErrorCode.INVALID_PARAMETER : RuntimeErrorCode.UNSUPPORTED_PARAMETER;
  }
}

package ai.falaj.benchmarks;

/** A benchmark that cannot go on. The message says what is wrong and what helps, in one line. */
public class BenchmarkException extends Exception {

  private static final long serialVersionUID = 1L;

  public BenchmarkException(String message) {
    super(message);
  }

  public BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}

package ai.falaj.runtime.llamacpp;

import java.io.Serializable;
import java.util.Objects;

/**
 * Stretches a model's context beyond what it was trained with, in place of what its file says.
 *
 * @param method how positions are stretched
 * @param factor trained context times factor is the longest context; above 1
 */
public record RopeScaling(Method method, double factor) implements Serializable {

  public static final double MAX_FACTOR = 64;

  public RopeScaling {
    Objects.requireNonNull(method, "method");
    if (!(factor > 1 && factor <= MAX_FACTOR)) {
      throw new IllegalArgumentException(
          "the rope scaling factor is %s; it must be above 1 and at most %s"
              .formatted(factor, MAX_FACTOR));
    }
  }

  /** With llama.cpp's names. */
  public enum Method {
    /** All positions are divided by the factor. */
    LINEAR,
    /** YaRN (Peng et al. 2023, arXiv 2309.00071): short wavelengths stay as they are. */
    YARN
  }
}

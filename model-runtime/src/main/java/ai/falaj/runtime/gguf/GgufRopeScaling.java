package ai.falaj.runtime.gguf;

import java.util.Set;

/**
 * How a model's file says that its context is stretched ({@code *.rope.scaling.*}).
 *
 * @param type {@code none}, {@code linear}, {@code yarn}, {@code longrope}, or what llama.cpp does
 *     not know
 * @param factor how many times longer; 1 where the file does not say
 * @param originalContextLength tokens that the model was trained with before it was stretched; 0
 *     where the file does not say
 */
public record GgufRopeScaling(String type, double factor, int originalContextLength) {

  private static final Set<String> KNOWN_TYPES = Set.of("none", "linear", "yarn", "longrope");

  /** Whether llama.cpp 0.5.0 knows the type; it ends the process at one that it does not. */
  public boolean isKnown() {
    return KNOWN_TYPES.contains(type);
  }

  /** Whether positions are scaled at all. */
  public boolean stretches() {
    return !type.equals("none") && factor > 1;
  }
}

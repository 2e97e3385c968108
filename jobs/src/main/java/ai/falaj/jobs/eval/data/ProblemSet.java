package ai.falaj.jobs.eval.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Problems of one kind or of several, in the order of their file.
 *
 * @param name for reports and as a column of comparisons
 */
public record ProblemSet(String name, List<Problem> problems) {

  /** Between fields, so that moving a character from one to the next changes the fingerprint. */
  private static final byte SEPARATOR = 0;

  public ProblemSet {
    problems = List.copyOf(problems);
  }

  /**
   * A part of it.
   *
   * @param limit most problems
   * @param shuffleSeed where given, the problems are drawn with it and not taken from the beginning
   */
  public ProblemSet select(OptionalInt limit, OptionalLong shuffleSeed) {
    List<Problem> chosen = new ArrayList<>(problems);
    if (shuffleSeed.isPresent()) {
      Collections.shuffle(chosen, new Random(shuffleSeed.getAsLong()));
    }
    int size = Math.min(limit.orElse(Integer.MAX_VALUE), chosen.size());
    return new ProblemSet(name, chosen.subList(0, size));
  }

  /** SHA-256 over everything that makes the problems what they are, and over their order. */
  public String fingerprint() {
    MessageDigest digest = sha256();
    for (Problem problem : problems) {
      update(digest, problem.id());
      update(digest, problem.question());
      update(digest, problem.key().kind().name());
      update(digest, problem.key().expected());
      problem.key().choices().forEach(choice -> update(digest, choice));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, String field) {
    digest.update(field.getBytes(StandardCharsets.UTF_8));
    digest.update(SEPARATOR);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

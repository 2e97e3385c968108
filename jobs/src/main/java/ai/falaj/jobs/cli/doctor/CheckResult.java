package ai.falaj.jobs.cli.doctor;

import java.util.Locale;
import java.util.Objects;

/**
 * What a check found.
 *
 * @param name of what was looked at, one or two words
 * @param status what it means
 * @param detail what is there
 * @param remedy what to do about it; null where nothing needs doing
 */
public record CheckResult(String name, Status status, String detail, String remedy) {

  /** What a finding means for the user. */
  public enum Status {
    OK,
    /** Something works less well, or something optional is missing. */
    WARN,
    /** Something needed is missing: what needs it will fail. */
    FAIL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public CheckResult {
    Objects.requireNonNull(name);
    Objects.requireNonNull(detail);
    if (status != Status.OK && (remedy == null || remedy.isBlank())) {
      throw new IllegalArgumentException(name + ": " + status + " needs a remedy");
    }
  }

  static CheckResult ok(String name, String detail) {
    return new CheckResult(name, Status.OK, detail, null);
  }

  static CheckResult warn(String name, String detail, String remedy) {
    return new CheckResult(name, Status.WARN, detail, remedy);
  }

  static CheckResult fail(String name, String detail, String remedy) {
    return new CheckResult(name, Status.FAIL, detail, remedy);
  }
}

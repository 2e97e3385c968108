package ai.falaj.jobs.cli.doctor;

/** The JVM that runs this: Flink is tested by its makers with 17 and 21. */
final class JavaCheck implements Check {

  private static final String NAME = "java";
  private static final int OLDEST = 17;
  private static final int NEWEST_TESTED = 21;

  private final int feature;

  JavaCheck(int feature) {
    this.feature = feature;
  }

  @Override
  public CheckResult run() {
    String detail = System.getProperty("java.version") + " in " + System.getProperty("java.home");
    if (feature < OLDEST) {
      return CheckResult.fail(NAME, detail, "install Java 17 and set JAVA_HOME to it");
    }
    if (feature > NEWEST_TESTED) {
      return CheckResult.warn(
          NAME, detail, "Flink 2.3 is tested with 17 and 21; set JAVA_HOME to one if a job fails");
    }
    return CheckResult.ok(NAME, detail);
  }
}

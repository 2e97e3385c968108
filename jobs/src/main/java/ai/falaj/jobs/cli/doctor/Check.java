package ai.falaj.jobs.cli.doctor;

/**
 * Looks at one thing and changes nothing; a check of a missing thing is a result, not an exception.
 */
interface Check {
  CheckResult run();
}

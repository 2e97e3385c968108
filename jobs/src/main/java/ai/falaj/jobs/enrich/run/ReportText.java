package ai.falaj.jobs.enrich.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for people at a terminal, and a progress bar's details. Pure. */
final class ReportText {

  private ReportText() {}

  static List<String> lines(EnrichmentReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        format(
            "%,d records in %.1f s%s: %,d enriched, %,d with an error, %,d dead letters",
            report.records(),
            report.seconds(),
            report.recordsPerSecond() == null
                ? ""
                : format(" (%,.1f/s)", report.recordsPerSecond()),
            report.enriched(),
            report.records() - report.enriched() - report.deadLetters(),
            report.deadLetters()));
    lines.add(
        format(
            "%,d answers reused, %,d asked again; tokens: %,d of prompts (%,d cached), %,d of answers",
            report.reused(),
            report.askedAgain(),
            report.tokens().prompt(),
            report.tokens().cached(),
            report.tokens().completion()));
    report.errors().forEach((code, number) -> lines.add(format("  %-24s %,d", code, number)));
    report.values().forEach((field, counts) -> lines.add("  " + field + ": " + counts));
    report.provenance().forEach((by, number) -> lines.add(format("%,d answers by %s", number, by)));
    return lines;
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

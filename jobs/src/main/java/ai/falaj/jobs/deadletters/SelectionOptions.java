package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.StartPoint;
import ai.falaj.schemas.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which dead letters, on the command line. */
final class SelectionOptions {

  private static final Pattern AGO = Pattern.compile("(\\d{1,9})([smhd])");

  @Option(
      names = "--code",
      paramLabel = "CODE",
      split = ",",
      description = "Only those with this error code, such as ENGINE_FAILURE; as often as needed.")
  private List<ErrorCode> codes = List.of();

  @Option(
      names = {"--request-id", "--request"},
      paramLabel = "ID",
      description = "Only those of this request; as often as needed.")
  private List<String> requestIds = List.of();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Only those that failed since then: 30s, 15m, 6h or 7d ago, or a time such as"
              + " 2027-01-31T08:00:00Z.")
  private String since;

  boolean isEmpty() {
    return codes.isEmpty() && requestIds.isEmpty() && since == null;
  }

  /**
   * @param now what {@code --since 6h} counts back from
   * @throws CliException where the time is none
   */
  LetterFilter resolve(Instant now) {
    return new LetterFilter(
        Set.copyOf(codes),
        Set.copyOf(requestIds),
        Optional.ofNullable(since).map(text -> time(text, now)));
  }

  private static Instant time(String text, Instant now) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long amount = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          });
    }
    try {
      if (StartPoint.parse(text) instanceof StartPoint.Timestamp timestamp) {
        return timestamp.time();
      }
    } catch (IllegalArgumentException e) {
      throw notATime(text, e);
    }
    throw notATime(text, null);
  }

  private static CliException notATime(String text, IllegalArgumentException cause) {
    return CliException.usage(
        "--since is " + text,
        "give 30s, 15m, 6h, 7d or a time such as 2027-01-31T08:00:00Z",
        cause);
  }
}

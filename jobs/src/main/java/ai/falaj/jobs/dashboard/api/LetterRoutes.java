package ai.falaj.jobs.dashboard.api;

import ai.falaj.jobs.dashboard.view.CutText;
import ai.falaj.jobs.dashboard.view.DeadLetterRow;
import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.deadletters.Letter;
import ai.falaj.jobs.deadletters.LetterDesk;
import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.registry.SchemaRegistryException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;

/** Dead letters, and sending them again. Any thread. */
public final class LetterRoutes {

  private static final int MOST_ROWS = 1_000;
  private static final int LONGEST_MESSAGE = 2_000;

  /** Partition and offset; no more digits than fit. */
  private static final Pattern ID = Pattern.compile("([0-9]{1,9})-([0-9]{1,18})");

  private final LetterDesk desk;
  private final boolean readOnly;

  /**
   * @param readOnly whether nothing may be sent again
   */
  public LetterRoutes(LetterDesk desk, boolean readOnly) {
    this.desk = desk;
    this.readOnly = readOnly;
  }

  private record Found(List<DeadLetterRow> deadLetters, Map<String, Long> byCode, boolean more) {}

  /** Adds the paths. */
  public void addTo(RoutesConfig routes) {
    routes.get("/api/dead-letters", this::list);
    routes.post("/api/dead-letters/{id}/retry", this::retry);
  }

  private void list(Context context) {
    int limit = Query.number(context, "limit", 200, 1, MOST_ROWS);
    Optional<String> code = Query.text(context, "code");
    List<Letter> newestFirst = new ArrayList<>(answered(desk::letters));
    Collections.reverse(newestFirst);
    Map<String, Long> byCode = new TreeMap<>();
    newestFirst.forEach(letter -> byCode.merge(letter.code().name(), 1L, Long::sum));
    List<DeadLetterRow> rows =
        newestFirst.stream()
            .filter(letter -> code.isEmpty() || letter.code().name().equals(code.get()))
            .limit(limit + 1L)
            .map(LetterRoutes::row)
            .toList();
    boolean more = rows.size() > limit;
    FigureRoutes.json(context, new Found(more ? rows.subList(0, limit) : rows, byCode, more));
  }

  private static DeadLetterRow row(Letter letter) {
    return new DeadLetterRow(
        letter.partition() + "-" + letter.offset(),
        letter.requestId().map(Names::bounded).orElse(null),
        letter.code().name(),
        CutText.beginning(letter.message(), LONGEST_MESSAGE),
        letter.failedAt().toEpochMilli(),
        letter.attempts(),
        letter.retries(),
        letter.source(),
        letter.state().name());
  }

  private void retry(Context context) {
    if (readOnly) {
      throw WebException.forbidden("read_only", "this dashboard was started with --read-only");
    }
    Matcher id = ID.matcher(context.pathParam("id"));
    if (!id.matches()) {
      throw unknown();
    }
    LetterDesk.Outcome outcome =
        answered(() -> desk.retry(Integer.parseInt(id.group(1)), Long.parseLong(id.group(2))));
    switch (outcome) {
      case SENT -> FigureRoutes.json(context, Map.of("outcome", outcome));
      case ALREADY_RETRIED ->
          throw WebException.conflict("already_retried", "the letter had been sent again before");
      case UNDECIDED ->
          throw WebException.conflict(
              "undecided",
              "the letter may have been sent again a moment ago; ask again after the job's next checkpoint");
      case EXHAUSTED ->
          throw WebException.conflict(
              "exhausted", "the prompt was sent again as often as is allowed");
      case GONE ->
          throw WebException.conflict(
              "gone", "the prompt was too large for its letter and is nowhere any more");
      case UNKNOWN -> throw unknown();
    }
  }

  private static WebException unknown() {
    return WebException.notFound("unknown_letter", "there is no such dead letter");
  }

  private static <T> T answered(Supplier<T> question) {
    try {
      return question.get();
    } catch (KafkaException e) {
      throw WebException.unavailable("broker", "the broker does not answer: " + e.getMessage());
    } catch (SchemaRegistryException e) {
      throw WebException.unavailable("registry", "the registry does not answer: " + e.getMessage());
    }
  }
}

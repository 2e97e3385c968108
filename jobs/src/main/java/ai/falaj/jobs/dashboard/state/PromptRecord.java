package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.feed.FeedRecord;
import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.dashboard.view.TextView;
import ai.falaj.jobs.dashboard.view.TraceView;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a trace tells of the prompt's record. Immutable.
 *
 * @param roles of the turns, one per text
 * @param texts of the turns
 */
record PromptRecord(
    FeedRecordPlace place,
    Optional<String> traceparent,
    int priority,
    Optional<Long> deadlineMs,
    boolean stream,
    Map<String, Object> sampling,
    Map<String, TextView> metadata,
    List<String> roles,
    List<StoredText> texts) {

  /** More turns and more metadata than these are not listed. */
  private static final int MOST_ENTRIES = 200;

  static PromptRecord of(FeedRecord record, PromptRequest prompt, boolean visible) {
    List<ChatMessage> turns =
        prompt.getMessages().subList(0, Math.min(MOST_ENTRIES, prompt.getMessages().size()));
    return new PromptRecord(
        FeedRecordPlace.of(record),
        record.traceparent().map(Names::bounded),
        prompt.getPriority(),
        Optional.ofNullable(prompt.getDeadline()).map(time -> time.toEpochMilli()),
        prompt.getStream(),
        SamplingMap.of(prompt.getSampling(), visible),
        metadata(prompt.getMetadata(), visible),
        turns.stream().map(turn -> Names.bounded(turn.getRole())).toList(),
        turns.stream().map(turn -> StoredText.of(turn.getContent(), visible)).toList());
  }

  private static Map<String, TextView> metadata(Map<String, String> entries, boolean visible) {
    Map<String, TextView> views = new LinkedHashMap<>();
    entries.entrySet().stream()
        .limit(MOST_ENTRIES)
        .forEach(
            entry ->
                views.put(
                    Names.bounded(entry.getKey()),
                    visible
                        ? new TextView(
                            Names.bounded(entry.getValue()),
                            entry.getValue().length(),
                            entry.getValue().length() > Names.MOST_CHARACTERS)
                        : TextView.hidden(entry.getValue().length())));
    return views;
  }

  /** The same without its texts. */
  PromptRecord forgotten() {
    return new PromptRecord(
        place,
        traceparent,
        priority,
        deadlineMs,
        stream,
        Map.of(),
        Map.of(),
        roles,
        texts.stream().map(StoredText::forgotten).toList());
  }

  int size() {
    return texts.stream().mapToInt(StoredText::size).sum();
  }

  /** All turns with their roles; empty where texts are hidden. */
  Optional<String> text() {
    if (texts.stream().anyMatch(text -> text.text().isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        IntStream.range(0, roles.size())
            .mapToObj(turn -> roles.get(turn) + ":\n" + texts.get(turn).kept())
            .collect(Collectors.joining("\n\n")));
  }

  TraceView.Prompt view() {
    return new TraceView.Prompt(
        place.timestampMs(),
        place.topic(),
        place.partition(),
        place.offset(),
        traceparent.orElse(null),
        priority,
        deadlineMs.orElse(null),
        stream,
        sampling,
        metadata,
        IntStream.range(0, roles.size())
            .mapToObj(turn -> new TraceView.Message(roles.get(turn), texts.get(turn).view()))
            .toList());
  }
}

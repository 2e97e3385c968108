package ai.falaj.jobs.client;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.Topics;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/** What a topic holds. */
public enum RecordKind {
  PROMPTS(PromptRequest.class, Topics.PROMPTS),
  CHUNKS(CompletionChunk.class, Topics.CHUNKS),
  COMPLETIONS(Completion.class, Topics.COMPLETIONS),
  DEAD_LETTERS(DeadLetter.class, Topics.DEAD_LETTERS),
  TRACES(ReasoningTrace.class, Topics.TRACES);

  private final Class<? extends SpecificRecord> recordClass;
  private final String defaultTopic;

  RecordKind(Class<? extends SpecificRecord> recordClass, String defaultTopic) {
    this.recordClass = recordClass;
    this.defaultTopic = defaultTopic;
  }

  /** What every job reads or writes; traces come from the reasoning job alone. */
  public static Set<RecordKind> ofEveryJob() {
    return EnumSet.complementOf(EnumSet.of(TRACES));
  }

  Class<? extends SpecificRecord> recordClass() {
    return recordClass;
  }

  String defaultTopic() {
    return defaultTopic;
  }

  /** As on the command line: {@code dead-letters}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

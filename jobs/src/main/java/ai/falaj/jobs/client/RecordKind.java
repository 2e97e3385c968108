package ai.falaj.jobs.client;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.Topics;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;

/** What a topic holds. */
public enum RecordKind {
  PROMPTS(PromptRequest.class, Topics.PROMPTS),
  CHUNKS(CompletionChunk.class, Topics.CHUNKS),
  COMPLETIONS(Completion.class, Topics.COMPLETIONS),
  DEAD_LETTERS(DeadLetter.class, Topics.DEAD_LETTERS);

  private final Class<? extends SpecificRecord> recordClass;
  private final String defaultTopic;

  RecordKind(Class<? extends SpecificRecord> recordClass, String defaultTopic) {
    this.recordClass = recordClass;
    this.defaultTopic = defaultTopic;
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

package ai.falaj.jobs.dashboard.feed;

import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.UsageWindow;
import org.apache.avro.specific.SpecificRecord;

/** What the topics of the dashboard hold. */
public enum FeedKind {
  PROMPTS("prompts", PromptRequest.class),
  CHUNKS("chunks", CompletionChunk.class),
  COMPLETIONS("completions", Completion.class),
  DEAD_LETTERS("deadLetters", DeadLetter.class),
  USAGE("usage", UsageWindow.class),
  LABELS("labels", LabelWindow.class),
  BUDGET_ALERTS("budgetAlerts", BudgetAlert.class);

  private final String label;
  private final Class<? extends SpecificRecord> recordClass;

  FeedKind(String label, Class<? extends SpecificRecord> recordClass) {
    this.label = label;
    this.recordClass = recordClass;
  }

  /** As the API names it. */
  public String label() {
    return label;
  }

  Class<? extends SpecificRecord> recordClass() {
    return recordClass;
  }
}

package ai.falaj.operators.sql;

import static org.apache.flink.configuration.description.TextElement.text;

import org.apache.flink.configuration.DescribedEnum;
import org.apache.flink.configuration.description.InlineElement;

/** What becomes of a row whose prediction failed, after all attempts. */
public enum ErrorHandlingStrategy implements DescribedEnum {
  NULL("The row goes on with NULL in the model's columns and the error in the error columns."),
  IGNORE("The row is left out; a metric counts it."),
  FAILOVER("The job fails, and Flink's restart strategy decides.");

  private final String description;

  ErrorHandlingStrategy(String description) {
    this.description = description;
  }

  @Override
  public InlineElement getDescription() {
    return text(description);
  }
}

package ai.falaj.operators.analytics;

import java.io.Serializable;

/**
 * What a tenant may use in a period. Immutable.
 *
 * @param tokens of prompts and completions; 0: no limit
 * @param costNanos in billionths of the currency; 0: no limit
 */
public record Budget(long tokens, long costNanos) implements Serializable {

  public Budget {
    if (tokens < 0 || costNanos < 0) {
      throw new IllegalArgumentException("a budget is below 0; leave it out where there is none");
    }
  }
}

package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.rows.RowFormat;
import ai.falaj.schemas.SamplingParameters;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * How a record becomes a prompt. Immutable, travels inside job graphs; {@link #open} makes what
 * does it.
 *
 * @param systemOrNull template of the instruction
 * @param user template of the message
 * @param sampling of every prompt
 * @param model name that decides, with the sampling, which questions are equal
 */
record Prompting(
    RowFormat format, String systemOrNull, String user, SamplingParameters sampling, String model)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  Prompting {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(model, "model");
  }

  PromptTexts texts() {
    return new PromptTexts(Optional.ofNullable(systemOrNull), user);
  }

  PromptMaker open() {
    return new PromptMaker(this);
  }
}

package ai.falaj.jobs.enrich;

import ai.falaj.schemas.Provenance;

/** What made an answer, as one text that is the same for all that it made. Stateless. */
final class MadeBy {

  private MadeBy() {}

  static String text(Provenance provenance) {
    StringBuilder text = new StringBuilder(provenance.getModel());
    if (provenance.getQuantization() != null) {
      text.append(' ').append(provenance.getQuantization());
    }
    if (provenance.getAdapter() != null) {
      text.append(" with adapter ").append(provenance.getAdapter());
    }
    text.append(" on ").append(provenance.getEngine());
    text.append(' ').append(provenance.getEngineVersion());
    if (provenance.getModelSha256() != null) {
      text.append(", sha256 ").append(provenance.getModelSha256());
    }
    return text.toString();
  }
}

package ai.falaj.jobs.enrich.rows;

import java.io.Serializable;
import java.util.Optional;

/** How records of the output are written. Travels inside job graphs. */
public interface RowEncoding extends Serializable {

  RowWriter open();

  /** The line that a file begins with. */
  default Optional<String> header() {
    return Optional.empty();
  }
}

package ai.falaj.jobs.enrich.rows;

import java.io.Serializable;

/** How records of the input are read. Travels inside job graphs. */
@FunctionalInterface
public interface RowFormat extends Serializable {

  RowReader open();
}

package ai.falaj.jobs.enrich.rows;

import java.util.List;

/** Writes a record of the input with the fields that were added. Confined to one thread. */
public interface RowWriter {

  /**
   * @param values one for each added field, in their order, of the Java types that {@link
   *     ai.falaj.operators.fields.OutputType} names, or null
   */
  byte[] write(Row row, List<Object> values);
}

package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.samskivert.mustache.Mustache;

/**
 * A record of the input, as a prompt template sees it: {@link #get} gives a field's value as text,
 * truth value, list or row, and null where the field is null or missing. Nobody changes it.
 */
public sealed interface Row extends Mustache.CustomContext permits JsonRow, AvroRow {

  @Override
  Object get(String name);

  /** The same as a JSON object of the caller's own. */
  ObjectNode toJson();
}

package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The record as a JSON object on one line, the added fields last.
 *
 * @param added names of the added fields
 */
public record JsonEncoding(List<String> added) implements RowEncoding {

  private static final long serialVersionUID = 1L;

  public JsonEncoding {
    added = List.copyOf(added);
  }

  @Override
  public RowWriter open() {
    return this::write;
  }

  private byte[] write(Row row, List<Object> values) {
    ObjectNode object = row.toJson();
    for (int i = 0; i < added.size(); i++) {
      object.set(added.get(i), ValueJson.node(values.get(i)));
    }
    return JsonRows.bytes(object);
  }
}

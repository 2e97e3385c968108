package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The record as a line of CSV (RFC 4180), the added fields last; null is an empty cell, lists and
 * rows are JSON.
 *
 * @param columns of the input
 * @param added names of the added fields
 */
public record CsvEncoding(List<String> columns, List<String> added) implements RowEncoding {

  private static final long serialVersionUID = 1L;

  public CsvEncoding {
    columns = List.copyOf(columns);
    added = List.copyOf(added);
  }

  @Override
  public Optional<String> header() {
    List<String> cells = new ArrayList<>();
    columns.forEach(name -> cells.add(quoted(name)));
    added.forEach(name -> cells.add(quoted(name)));
    return Optional.of(String.join(",", cells));
  }

  @Override
  public RowWriter open() {
    return this::write;
  }

  private byte[] write(Row row, List<Object> values) {
    ObjectNode object = row.toJson();
    List<String> cells = new ArrayList<>(columns.size() + added.size());
    for (String column : columns) {
      cells.add(cell(object.path(column)));
    }
    for (Object value : values) {
      cells.add(cell(ValueJson.node(value)));
    }
    return String.join(",", cells).getBytes(StandardCharsets.UTF_8);
  }

  private static String cell(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    return quoted(value.isValueNode() ? value.asText() : value.toString());
  }

  /** An empty text is quoted, so that it is not null. */
  private static String quoted(String text) {
    boolean plain =
        !text.isEmpty()
            && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
            && !Character.isWhitespace(text.charAt(0))
            && !Character.isWhitespace(text.charAt(text.length() - 1));
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}

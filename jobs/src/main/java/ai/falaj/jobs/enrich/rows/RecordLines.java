package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.avro.Schema;

/**
 * The records of a file, one after the other, as JSON: the lines of JSON lines as they stand, empty
 * ones left out, or the rows of CSV with their columns' types. A file whose name ends with {@code
 * .gz} is decompressed. Confined to one thread.
 */
public abstract class RecordLines implements Closeable {

  private final Reader reader;

  private RecordLines(Reader reader) {
    this.reader = reader;
  }

  /**
   * @param file closed with what is returned, and where this fails
   * @param schema of CSV: columns that it has are read by their types, others as text
   */
  public static RecordLines open(InputStream file, String path, boolean csv, InputSchema schema)
      throws IOException {
    try {
      Reader text = text(file, path);
      return csv ? new Csv(text, schema) : new Lines(new BufferedReader(text));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** The columns that a CSV file begins with. */
  public static List<String> header(InputStream file, String path) throws IOException {
    try (Reader text = text(file, path);
        MappingIterator<List<String>> rows = Csv.rows(text)) {
      return rows.hasNextValue() ? Csv.withoutByteOrderMark(rows.nextValue()) : List.of();
    }
  }

  private static Reader text(InputStream file, String path) throws IOException {
    InputStream plain = path.endsWith(".gz") ? new GZIPInputStream(file) : file;
    return new InputStreamReader(plain, StandardCharsets.UTF_8);
  }

  public abstract boolean hasNext() throws IOException;

  public abstract byte[] next() throws IOException;

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private static final class Lines extends RecordLines {
    private final BufferedReader lines;
    private String next;

    Lines(BufferedReader lines) {
      super(lines);
      this.lines = lines;
    }

    @Override
    public boolean hasNext() throws IOException {
      while (next == null || next.isBlank()) {
        next = lines.readLine();
        if (next == null) {
          return false;
        }
      }
      return true;
    }

    @Override
    public byte[] next() {
      byte[] bytes = next.getBytes(StandardCharsets.UTF_8);
      next = null;
      return bytes;
    }
  }

  private static final class Csv extends RecordLines {
    private static final CsvMapper MAPPER =
        CsvMapper.builder()
            .enable(CsvParser.Feature.WRAP_AS_ARRAY)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .build();

    private final MappingIterator<List<String>> rows;
    private final List<String> columns;
    private final List<Optional<InputType>> types = new ArrayList<>();

    Csv(Reader text, InputSchema schema) throws IOException {
      super(text);
      rows = rows(text);
      columns = rows.hasNextValue() ? withoutByteOrderMark(rows.nextValue()) : List.of();
      for (String column : columns) {
        types.add(
            schema
                .record()
                .map(record -> record.getField(column))
                .map(Schema.Field::schema)
                .map(InputType::of));
      }
    }

    static MappingIterator<List<String>> rows(Reader text) throws IOException {
      return MAPPER.readerForListOf(String.class).with(CsvSchema.emptySchema()).readValues(text);
    }

    static List<String> withoutByteOrderMark(List<String> header) {
      List<String> columns = new ArrayList<>(header);
      if (!columns.isEmpty() && columns.get(0).startsWith("\uFEFF")) {
        columns.set(0, columns.get(0).substring(1));
      }
      return columns;
    }

    @Override
    public boolean hasNext() throws IOException {
      return rows.hasNextValue();
    }

    /** A cell that is missing or empty is null; one that is not of its type stays a text. */
    @Override
    public byte[] next() throws IOException {
      List<String> cells = rows.nextValue();
      ObjectNode object = JsonRows.MAPPER.createObjectNode();
      for (int i = 0; i < columns.size(); i++) {
        String cell = i < cells.size() ? cells.get(i) : "";
        if (cell.isEmpty()) {
          object.putNull(columns.get(i));
        } else {
          put(object, columns.get(i), cell, types.get(i).orElse(InputType.STRING));
        }
      }
      return JsonRows.bytes(object);
    }

    private static void put(ObjectNode object, String column, String cell, InputType type) {
      try {
        switch (type) {
          case STRING -> object.put(column, cell);
          case BOOLEAN -> putTruth(object, column, cell);
          case INT, BIGINT -> object.put(column, Long.parseLong(cell.strip()));
          case DOUBLE -> object.put(column, new BigDecimal(cell.strip()));
        }
      } catch (NumberFormatException e) {
        object.put(column, cell);
      }
    }

    private static void putTruth(ObjectNode object, String column, String cell) {
      if (cell.equalsIgnoreCase("true") || cell.equalsIgnoreCase("false")) {
        object.put(column, Boolean.parseBoolean(cell));
      } else {
        object.put(column, cell);
      }
    }
  }
}

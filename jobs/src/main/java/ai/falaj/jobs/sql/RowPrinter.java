package ai.falaj.jobs.sql;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.flink.formats.common.TimestampFormat;
import org.apache.flink.formats.json.JsonFormatOptions.MapNullKeyMode;
import org.apache.flink.formats.json.RowDataToJsonConverters;
import org.apache.flink.formats.json.RowDataToJsonConverters.RowDataToJsonConverter;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.gateway.api.results.ResultSet;
import org.apache.flink.table.gateway.service.result.ResultFetcher;
import org.apache.flink.util.CloseableIterator;

/**
 * Prints the rows of a result as they come: as Flink's tables for people, as one JSON object each
 * for machines. Confined to one thread.
 */
final class RowPrinter {

  /** At a time. */
  static final int FETCH_ROWS = 1_000;

  private static final long POLL_MS = 20;

  private final Consumer<String> lines;
  private final boolean json;

  /**
   * @param lines where they go
   */
  RowPrinter(Consumer<String> lines, boolean json) {
    this.lines = lines;
    this.json = json;
  }

  /** Returns when there are no more. */
  void print(ResultFetcher result) {
    Rows rows = new Rows(result);
    if (json) {
      printJson(result, rows);
    } else {
      PrintWriter writer = new PrintWriter(new LineWriter(lines));
      result.getPrintStyle().print(rows, writer);
      writer.flush();
    }
  }

  private void printJson(ResultFetcher result, Rows rows) {
    ObjectMapper mapper = new ObjectMapper();
    RowDataToJsonConverter converter =
        new RowDataToJsonConverters(TimestampFormat.ISO_8601, MapNullKeyMode.LITERAL, "null", false)
            .createConverter(result.getResultSchema().toPhysicalRowDataType().getLogicalType());
    while (rows.hasNext()) {
      RowData row = rows.next();
      ObjectNode line = mapper.createObjectNode();
      line.put("op", row.getRowKind().shortString());
      line.set("row", converter.convert(mapper, null, row));
      lines.accept(line.toString());
    }
  }

  /** Waits for rows without an end of its own: a streaming query may never end. */
  private static final class Rows implements CloseableIterator<RowData> {
    private final ResultFetcher result;
    private Iterator<RowData> fetched = List.<RowData>of().iterator();
    private Long nextToken = 0L;

    Rows(ResultFetcher result) {
      this.result = result;
    }

    @Override
    public boolean hasNext() {
      while (!fetched.hasNext() && nextToken != null) {
        ResultSet set = result.fetchResults(nextToken, FETCH_ROWS);
        fetched = set.getData().iterator();
        nextToken = set.getNextToken();
        if (!fetched.hasNext() && nextToken != null) {
          pause();
        }
      }
      return fetched.hasNext();
    }

    private static void pause() {
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for rows", e);
      }
    }

    @Override
    public RowData next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return fetched.next();
    }

    @Override
    public void close() {
      result.close();
    }
  }

  /** Cuts what is written into lines. */
  private static final class LineWriter extends Writer {
    private final Consumer<String> lines;
    private final StringBuilder line = new StringBuilder();

    LineWriter(Consumer<String> lines) {
      this.lines = lines;
    }

    @Override
    public void write(char[] chars, int offset, int length) {
      for (int i = offset; i < offset + length; i++) {
        if (chars[i] == '\n') {
          lines.accept(line.toString());
          line.setLength(0);
        } else if (chars[i] != '\r') {
          line.append(chars[i]);
        }
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      if (line.length() > 0) {
        lines.accept(line.toString());
      }
    }
  }
}

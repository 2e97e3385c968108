package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.rows.InputSchema;
import ai.falaj.jobs.enrich.rows.RecordLines;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.IteratorResultIterator;

/**
 * Makes prompts of the records of files, JSON lines or CSV. A file is read by one subtask, from its
 * beginning; the prompts are dealt out to all of them. After a restart the records that were read
 * are skipped, so the position in a checkpoint is their number.
 */
final class RecordFiles implements BulkFormat<PromptRecord, FileSourceSplit> {

  private static final long serialVersionUID = 1L;

  private static final int BATCH = 100;

  private final Prompting prompting;
  private final boolean csv;
  private final InputSchema schema;

  /**
   * @param schema of CSV, whose cells are read by the types of their columns
   */
  RecordFiles(Prompting prompting, boolean csv, InputSchema schema) {
    this.prompting = Objects.requireNonNull(prompting, "prompting");
    this.csv = csv;
    this.schema = Objects.requireNonNull(schema, "schema");
  }

  @Override
  public Reader<PromptRecord> createReader(Configuration config, FileSourceSplit split)
      throws IOException {
    return open(split, 0);
  }

  @Override
  public Reader<PromptRecord> restoreReader(Configuration config, FileSourceSplit split)
      throws IOException {
    return open(
        split,
        split.getReaderPosition().map(CheckpointedPosition::getRecordsAfterOffset).orElse(0L));
  }

  private Reader<PromptRecord> open(FileSourceSplit split, long recordsToSkip) throws IOException {
    RecordLines lines =
        RecordLines.open(
            split.path().getFileSystem().open(split.path()), split.path().getPath(), csv, schema);
    try {
      for (long i = 0; i < recordsToSkip && lines.hasNext(); i++) {
        lines.next();
      }
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
    return new FileReader(lines, split.path().getPath(), prompting.open(), recordsToSkip);
  }

  /** Confined to the source's fetcher thread, which hands batches over. */
  private static final class FileReader implements Reader<PromptRecord> {
    private final RecordLines lines;
    private final String path;
    private final PromptMaker prompts;
    private long read;

    FileReader(RecordLines lines, String path, PromptMaker prompts, long read) {
      this.lines = lines;
      this.path = path;
      this.prompts = prompts;
      this.read = read;
    }

    @Override
    public RecordIterator<PromptRecord> readBatch() throws IOException {
      List<PromptRecord> batch = new ArrayList<>(BATCH);
      long before = read;
      while (batch.size() < BATCH && lines.hasNext()) {
        byte[] value = lines.next();
        batch.add(
            prompts.prompt(new RecordOrigin(path, 0, read), 0, null, value, Optional.empty()));
        read++;
      }
      return batch.isEmpty()
          ? null
          : new IteratorResultIterator<>(batch.iterator(), CheckpointedPosition.NO_OFFSET, before);
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  @Override
  public boolean isSplittable() {
    return false;
  }

  @Override
  public TypeInformation<PromptRecord> getProducedType() {
    return InferenceOutputs.PROMPT_TYPE;
  }
}

package ai.falaj.jobs.enrich;

import java.time.Duration;
import java.util.Locale;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.DefaultRollingPolicy;

/** The files that the job writes. Stateless. */
public final class PartFiles {

  private static final String DEAD_LETTERS = "-dead-letters";
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(10);
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(3);

  private PartFiles() {}

  /**
   * Writes into a folder. A file can be read from the checkpoint after its last row on; that row
   * comes when the input ends or, where it does not, some seconds after the first.
   *
   * @param bounded whether the input ends: fewer and larger files then
   */
  static <T> FileSink<T> sink(
      String folder, Encoder<T> encoder, EnrichmentFile.Format format, boolean bounded) {
    FileSink.DefaultRowFormatBuilder<T> files =
        FileSink.forRowFormat(new Path(folder), encoder)
            .withBucketAssigner(new BasePathBucketAssigner<>())
            .withOutputFileConfig(
                OutputFileConfig.builder()
                    .withPartPrefix("part")
                    .withPartSuffix("." + format.name().toLowerCase(Locale.ROOT))
                    .build());
    if (!bounded) {
      files
          .withBucketCheckInterval(CHECK_INTERVAL.toMillis())
          .withRollingPolicy(
              DefaultRollingPolicy.builder()
                  .withRolloverInterval(OPEN_LIMIT)
                  .withInactivityInterval(IDLE_LIMIT)
                  .build());
    }
    return files.build();
  }

  /** The folder for records that have no row in the output. */
  public static String deadLettersBeside(String folder) {
    return folder.replaceAll("/+$", "") + DEAD_LETTERS;
  }
}

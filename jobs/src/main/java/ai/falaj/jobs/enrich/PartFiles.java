package ai.falaj.jobs.enrich;

import java.util.Locale;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;

/** Names of the files that the job writes. Stateless. */
public final class PartFiles {

  private static final String DEAD_LETTERS = "-dead-letters";

  private PartFiles() {}

  static OutputFileConfig named(EnrichmentFile.Format format) {
    return OutputFileConfig.builder()
        .withPartPrefix("part")
        .withPartSuffix("." + format.name().toLowerCase(Locale.ROOT))
        .build();
  }

  /** The folder for records that have no row in the output. */
  public static String deadLettersBeside(String folder) {
    return folder.replaceAll("/+$", "") + DEAD_LETTERS;
  }
}

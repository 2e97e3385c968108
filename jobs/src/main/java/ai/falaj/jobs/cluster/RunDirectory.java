package ai.falaj.jobs.cluster;

import ai.falaj.runtime.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the data of a run is: a folder named after this process. What a process left that was
 * killed before it could delete its own is deleted by the next run. Stateless.
 */
public final class RunDirectory {

  private RunDirectory() {}

  /**
   * The folder of this process, which does not exist yet.
   *
   * @param parent of the folders of all runs; made
   */
  public static Path in(Path parent) throws IOException {
    Files.createDirectories(parent);
    for (Path folder : folders(parent)) {
      if (isAbandoned(folder.getFileName().toString())) {
        FileTrees.delete(folder);
      }
    }
    return parent.resolve(Long.toString(ProcessHandle.current().pid()));
  }

  private static List<Path> folders(Path parent) throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.toList();
    }
  }

  private static boolean isAbandoned(String name) {
    return name.matches("[0-9]{1,18}") && ProcessHandle.of(Long.parseLong(name)).isEmpty();
  }
}

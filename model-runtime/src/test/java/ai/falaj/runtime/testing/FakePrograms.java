package ai.falaj.runtime.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Shell scripts that stand in for programs on a search path. They find no other program there. */
public final class FakePrograms {

  private final Path folder;

  public FakePrograms(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /** To be used as {@code PATH}. */
  public String searchPath() {
    return folder.toString();
  }

  /** A program that runs these lines of POSIX shell. */
  public void add(String name, String... lines) throws IOException {
    Path script = folder.resolve(name);
    Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}

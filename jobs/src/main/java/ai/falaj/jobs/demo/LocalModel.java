package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ConsoleProgressListener;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibrariesException;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import java.nio.file.Path;

/** Brings a model and llama.cpp's libraries onto this machine. */
final class LocalModel {

  private LocalModel() {}

  /**
   * Downloads what is missing.
   *
   * @param nameOrPath a name of the catalogue, or a {@code .gguf} file
   * @return the model's file
   */
  static Path prepare(String nameOrPath, Checklist checklist, Console console)
      throws ModelException, NativeLibrariesException, InterruptedException {
    ProgressListener progress = new ConsoleProgressListener(console);
    Path file;
    try (Checklist.Step step = checklist.begin("Model " + nameOrPath)) {
      file = found(nameOrPath, progress);
      step.done();
    }
    try (Checklist.Step step = checklist.begin("llama.cpp " + NativeLibraries.LLAMA_CPP_VERSION)) {
      NativeLibraries.fromEnvironment().locate(progress);
      step.done();
    }
    return file;
  }

  /** Whether it names a file rather than a model of the catalogue. */
  static boolean isPath(String nameOrPath) {
    return nameOrPath.contains("/") || nameOrPath.endsWith(".gguf");
  }

  private static Path found(String nameOrPath, ProgressListener progress)
      throws ModelException, InterruptedException {
    ModelStore store = ModelStore.fromEnvironment();
    return isPath(nameOrPath) ? store.resolve(nameOrPath) : store.pull(nameOrPath, progress).file();
  }
}

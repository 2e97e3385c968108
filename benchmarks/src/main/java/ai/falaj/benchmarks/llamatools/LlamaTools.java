package ai.falaj.benchmarks.llamatools;

import ai.falaj.benchmarks.BenchmarkException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder with llama.cpp's programs, as {@code benchmarks/llama-tools.sh} builds it.
 *
 * @param folder that holds the programs and, beside them, the processor backends
 */
public record LlamaTools(Path folder) {

  /**
   * @throws BenchmarkException if the folder does not hold it, or it may not be run
   */
  Path program(String name) throws BenchmarkException {
    Path program = folder.resolve(name).toAbsolutePath();
    if (!Files.isExecutable(program)) {
      throw new BenchmarkException(
          program + " is missing or may not be run; build it with benchmarks/llama-tools.sh");
    }
    return program;
  }
}

package ai.falaj.jobs.bench.predict;

import ai.falaj.jobs.stack.LocalFlink;
import ai.falaj.jobs.stack.Ports;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;

/**
 * The process of {@link PredictProcess}: Flink, which runs a job per line of the standard input
 * until that ends. A job that fails ends it with the reason on the standard error.
 */
final class PredictProgram {

  static final String READY = "ready";

  private PredictProgram() {}

  /** Arguments: an empty folder for Flink's files, slots. */
  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    PrintStream answers = System.out;
    System.setOut(System.err); // whoever prints must not come between
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (LocalFlink flink =
        LocalFlink.start(
            Path.of(args[0]), Ports.unused(), Integer.parseInt(args[1]), new Configuration())) {
      answers.println(READY);
      PredictJob job = new PredictJob(flink);
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        PredictOutcome outcome = job.run(json.readValue(line, PredictRun.class));
        answers.println(json.writeValueAsString(outcome));
      }
    }
  }
}

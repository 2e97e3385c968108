package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.trace.TenantMix;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Several policies under several loads of one trace on one machine.
 *
 * @param title what the plots are called
 * @param saturationRequestsPerSecond requests that end per second while a backlog of the same trace
 *     keeps all slots busy under the policy {@code chunked=512}: load 1
 */
public record SweepReport(
    String title,
    String profile,
    String trace,
    int requests,
    double meanPromptTokens,
    double meanNewTokens,
    long seed,
    double saturationRequestsPerSecond,
    TenantMix tenantMix,
    List<SweepPoint> points) {

  public SweepReport {
    points = List.copyOf(points);
  }

  /** Writes it as JSON. */
  public void write(Path file) throws IOException {
    Files.writeString(file, Json.MAPPER.writeValueAsString(this) + "\n");
  }

  private static final class Json {
    static final ObjectMapper MAPPER =
        JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  }
}

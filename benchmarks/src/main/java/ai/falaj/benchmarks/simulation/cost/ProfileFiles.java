package ai.falaj.benchmarks.simulation.cost;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads and writes hardware profiles: JSON files, some of which come with Falaj. */
public final class ProfileFiles {

  /** Names of the profiles that come with Falaj, from {@code benchmarks/profiles}. */
  public static final List<String> NAMES =
      List.of("cpu-2core-smollm2", "k2-think-32b-h100", "k2-think-32b-h200");

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private ProfileFiles() {}

  /**
   * @param nameOrFile one of {@link #NAMES}, or a path that ends with {@code .json}
   */
  public static HardwareProfile read(String nameOrFile) throws ProfileException {
    if (nameOrFile.endsWith(".json")) {
      return readFile(Path.of(nameOrFile));
    }
    try (InputStream resource =
        ProfileFiles.class.getResourceAsStream("/falaj-profiles/" + nameOrFile + ".json")) {
      if (resource == null) {
        throw new ProfileException(
            "no hardware profile is called %s; name one of %s, or a .json file"
                .formatted(nameOrFile, String.join(", ", NAMES)),
            null);
      }
      return MAPPER.readValue(resource, HardwareProfile.class);
    } catch (IOException e) {
      throw new ProfileException("profile " + nameOrFile + " cannot be read: " + reason(e), e);
    }
  }

  private static HardwareProfile readFile(Path file) throws ProfileException {
    try {
      return MAPPER.readValue(Files.readString(file), HardwareProfile.class);
    } catch (IOException e) {
      throw new ProfileException(
          "%s is no readable hardware profile (%s); compare it with benchmarks/profiles"
              .formatted(file, reason(e)),
          e);
    }
  }

  public static void write(HardwareProfile profile, Path file) throws IOException {
    Files.writeString(file, MAPPER.writeValueAsString(profile) + "\n");
  }

  /** Jackson's messages have several lines; the first says what is wrong. */
  private static String reason(IOException failure) {
    return failure.toString().lines().findFirst().orElse("no reason given");
  }
}

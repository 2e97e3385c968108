package ai.falaj.jobs.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a running local stack is found: the file {@code stack.json} of its state folder, which
 * other commands read so that they need no flags.
 *
 * @param bootstrapServers of the broker
 * @param schemaRegistryUrl as Confluent's client takes it
 * @param flinkUrl web UI and REST API
 * @param pid process that started the stack and owns it
 * @param processStartMs when that process started, in ms since 1970, or 0 where the system does not
 *     say; tells it from a later process with the same pid
 */
public record StackDescription(
    String bootstrapServers,
    String schemaRegistryUrl,
    String flinkUrl,
    long pid,
    long processStartMs) {

  private static final String FILE = "stack.json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** A stack that this process owns. */
  static StackDescription ofThisProcess(
      String bootstrapServers, String schemaRegistryUrl, String flinkUrl) {
    ProcessHandle self = ProcessHandle.current();
    return new StackDescription(
        bootstrapServers, schemaRegistryUrl, flinkUrl, self.pid(), startMs(self));
  }

  /**
   * The stack that runs in that state folder. A description whose process is gone is ignored, as is
   * a file that is no description.
   */
  public static Optional<StackDescription> running(Path stateDirectory) {
    Path file = stateDirectory.resolve(FILE);
    try {
      return Optional.of(MAPPER.readValue(Files.readAllBytes(file), StackDescription.class))
          .filter(StackDescription::isAlive);
    } catch (JsonProcessingException e) {
      return Optional.empty(); // half a file of a crashed stack, or another program's
    } catch (IOException e) {
      return Optional.empty(); // no stack has run here
    }
  }

  /** Makes it known, in one step: readers see the whole file or none. */
  void writeTo(Path stateDirectory) {
    Path file = stateDirectory.resolve(FILE);
    Path half = stateDirectory.resolve(FILE + ".tmp");
    try {
      Files.write(half, MAPPER.writeValueAsBytes(this));
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw StackException.failure(
          file + " cannot be written: " + e.getMessage(), "make its folder writable", e);
    }
  }

  /** Takes the description away. */
  static void delete(Path stateDirectory) {
    try {
      Files.deleteIfExists(stateDirectory.resolve(FILE));
    } catch (IOException e) {
      throw StackException.failure(
          "the description of the stack cannot be deleted: " + e.getMessage(),
          "delete " + stateDirectory.resolve(FILE),
          e);
    }
  }

  private boolean isAlive() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process -> processStartMs == 0 || processStartMs == startMs(process))
        .isPresent();
  }

  private static long startMs(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}

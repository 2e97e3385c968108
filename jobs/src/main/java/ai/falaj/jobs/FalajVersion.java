package ai.falaj.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The versions this build was made of, from a resource that Maven fills in.
 *
 * @param falaj this release
 * @param flink the Flink release it is compiled against
 * @param kafkaClients the Kafka client of the job
 * @param kafkaBroker the broker of the local stack
 * @param apicurio the registry of the local stack
 * @param avro the Avro library
 */
public record FalajVersion(
    String falaj,
    String flink,
    String kafkaClients,
    String kafkaBroker,
    String apicurio,
    String avro) {

  /** The versions of the running classes. */
  public static FalajVersion current() {
    Properties properties = new Properties();
    try (InputStream in = FalajVersion.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IllegalStateException(
            "version.properties is missing beside " + FalajVersion.class);
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FalajVersion(
        properties.getProperty("falaj"),
        properties.getProperty("flink"),
        properties.getProperty("kafka.clients"),
        properties.getProperty("kafka.broker"),
        properties.getProperty("apicurio"),
        properties.getProperty("avro"));
  }
}

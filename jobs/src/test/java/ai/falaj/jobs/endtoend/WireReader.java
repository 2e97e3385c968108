package ai.falaj.jobs.endtoend;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic as a stranger would: bytes from {@code kcat} (librdkafka) where it is installed,
 * else from a plain Java consumer; the schema by its id from the registry's HTTP API; generic Avro.
 * None of Falaj's classes takes part.
 */
final class WireReader {

  private static final int HEADER_BYTES = 5;

  private final String bootstrapServers;
  private final String registryUrl;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, Schema> schemas = new HashMap<>();

  WireReader(String bootstrapServers, String registryUrl) {
    this.bootstrapServers = bootstrapServers;
    this.registryUrl = registryUrl;
  }

  static boolean kcatIsInstalled() {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, "kcat"))) {
        return true;
      }
    }
    return false;
  }

  /** All committed records of the topic up to its end, decoded. */
  List<GenericRecord> readAll(String topic) throws Exception {
    List<byte[]> values = kcatIsInstalled() ? readWithKcat(topic) : readWithConsumer(topic);
    return values.stream().map(this::decode).toList();
  }

  private List<byte[]> readWithKcat(String topic) throws IOException, InterruptedException {
    Process kcat =
        new ProcessBuilder(
                "kcat",
                "-C",
                "-b",
                bootstrapServers,
                "-t",
                topic,
                "-o",
                "beginning",
                "-e",
                "-q",
                "-X",
                "isolation.level=read_committed",
                "-f",
                "%R%s")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<byte[]> values = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(kcat.getInputStream())) {
      while (true) {
        byte[] value = new byte[in.readInt()];
        in.readFully(value);
        values.add(value);
      }
    } catch (EOFException end) {
      if (!kcat.waitFor(30, TimeUnit.SECONDS) || kcat.exitValue() != 0) {
        throw new IOException("kcat failed on " + topic + ": " + kcat, end);
      }
      return values;
    } finally {
      kcat.destroyForcibly();
    }
  }

  private List<byte[]> readWithConsumer(String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(200))) {
          values.add(message.value());
        }
      }
    }
    return values;
  }

  private GenericRecord decode(byte[] value) {
    ByteBuffer header = ByteBuffer.wrap(value);
    if (header.get() != 0) {
      throw new IllegalStateException("a record of " + value.length + " bytes has no magic byte");
    }
    Schema schema = schemas.computeIfAbsent(header.getInt(), this::schemaById);
    try {
      return new GenericDatumReader<GenericRecord>(schema)
          .read(
              null,
              DecoderFactory.get()
                  .binaryDecoder(value, HEADER_BYTES, value.length - HEADER_BYTES, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Schema schemaById(int id) {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create(registryUrl + "/schemas/ids/" + id)).build(),
              HttpResponse.BodyHandlers.ofString());
      return new Schema.Parser()
          .parse(new ObjectMapper().readTree(response.body()).get("schema").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while schema " + id + " was fetched", e);
    }
  }
}

package ai.falaj.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.util.ClassSecurityValidator;
import org.junit.jupiter.api.Test;

class RecordModelsTest {

  /** The classes of this module; all else on the class path is in jars. */
  private static final Predicate<String> OF_JOB = path -> Files.isDirectory(Path.of(path));

  @Test
  void trustsExactlyTheTypesOfTheSchemas() {
    Set<String> named = new TreeSet<>();
    ReleasedSchemas.RECORDS.forEach(record -> collectNames(record.getSchema(), named));

    assertThat(RecordModels.trustedClasses()).containsExactlyInAnyOrderElementsOf(named);
  }

  @Test
  void leavesOtherClassesUntrusted() {
    assertThat(Records.prompt()).isNotNull();

    assertThat(ClassSecurityValidator.getGlobal().isTrusted(PromptRequest.class)).isTrue();
    assertThat(ClassSecurityValidator.getGlobal().isTrusted(RecordModelsTest.class)).isFalse();
    assertThat(ClassSecurityValidator.getGlobal().isTrusted(String.class)).isTrue();
  }

  /** A fresh Avro, as in a JVM that has never heard of this module. */
  @Test
  void letsPlainAvroReadTheRecords() throws Exception {
    try (URLClassLoader jvm = loader(path -> true, ClassLoader.getPlatformClassLoader())) {
      assertThat(call(jvm, RecordRoundTrip.class)).isEqualTo(Records.prompt().toString());
    }
  }

  /** As in a Flink cluster with Avro in lib/ and the records in the jar of a job. */
  @Test
  void letsAvroOfAParentClassLoaderReadTheRecordsOfManyJobs() throws Exception {
    try (URLClassLoader cluster = loader(OF_JOB.negate(), ClassLoader.getPlatformClassLoader())) {
      runJob(cluster, RecordRoundTrip.class);
      runJob(cluster, RecordRoundTrip.class);
    }
  }

  @Test
  void keepsNoClassLoaderOfAnEndedJobAlive() throws Exception {
    try (URLClassLoader cluster = loader(OF_JOB.negate(), ClassLoader.getPlatformClassLoader())) {
      // Avro itself holds on to whoever was the first to use it.
      runJob(cluster, FirstUseOfAvro.class);

      WeakReference<ClassLoader> ended = runJob(cluster, RecordRoundTrip.class);

      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (ended.get() != null && System.nanoTime() - deadline < 0) {
        System.gc();
        Thread.sleep(20);
      }
      assertThat(ended.get()).isNull();
    }
  }

  private static WeakReference<ClassLoader> runJob(
      ClassLoader cluster, Class<? extends Callable<String>> job) throws Exception {
    try (URLClassLoader jar = loader(OF_JOB, cluster)) {
      assertThat(call(jar, job)).isNotEmpty();
      return new WeakReference<>(jar);
    }
  }

  private static String call(ClassLoader loader, Class<? extends Callable<String>> code)
      throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(null);
    try {
      Class<?> loaded = loader.loadClass(code.getName());
      assertThat(loaded.getClassLoader()).isSameAs(loader);
      return ((Callable<?>) loaded.getConstructor().newInstance()).call().toString();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Names no class of this module but the record's. */
  public static final class RecordRoundTrip implements Callable<String> {
    @Override
    public String call() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      new SpecificDatumWriter<>(PromptRequest.class).write(Records.prompt(), encoder);
      encoder.flush();
      return new SpecificDatumReader<>(PromptRequest.class)
          .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null))
          .toString();
    }
  }

  /** Names no class of this module. */
  public static final class FirstUseOfAvro implements Callable<String> {
    @Override
    public String call() {
      return new SpecificData()
          + new Schema.Parser()
              .parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}")
              .toString();
    }
  }

  private static URLClassLoader loader(Predicate<String> filter, ClassLoader parent) {
    URL[] urls =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(filter)
            .map(RecordModelsTest::url)
            .toArray(URL[]::new);
    return new URLClassLoader(urls, parent);
  }

  private static URL url(String path) {
    try {
      return Path.of(path).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void collectNames(Schema schema, Set<String> names) {
    switch (schema.getType()) {
      case RECORD -> {
        names.add(schema.getFullName());
        schema.getFields().forEach(field -> collectNames(field.schema(), names));
      }
      case ENUM, FIXED -> names.add(schema.getFullName());
      case ARRAY -> collectNames(schema.getElementType(), names);
      case MAP -> collectNames(schema.getValueType(), names);
      case UNION -> schema.getTypes().forEach(branch -> collectNames(branch, names));
      default -> {}
    }
  }
}

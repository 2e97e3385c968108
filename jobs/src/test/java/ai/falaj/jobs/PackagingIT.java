package ai.falaj.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** What Maven packs: the command line's class path and the jar that is submitted to a cluster. */
class PackagingIT {

  private static final Path TARGET =
      Path.of(System.getProperty("falaj.home"), "jobs", "target").normalize();
  private static final Path CLI_JAR = TARGET.resolve("falaj-jobs.jar");
  private static final Path JOB_JAR = TARGET.resolve("falaj-job.jar");
  private static final Path SQL_JAR = TARGET.resolve("falaj-sql.jar");

  /** What NOTICE calls the libraries of a group. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("org.apache.flink", "Apache Flink"),
          Map.entry("org.apache.kafka", "Apache Kafka clients"),
          Map.entry("org.apache.avro", "Apache Avro"),
          Map.entry("org.apache.logging.log4j", "Apache Log4j"),
          Map.entry("org.apache.commons", "Apache Commons"),
          Map.entry("commons-", "Apache Commons"),
          Map.entry("org.apache.xmlgraphics", "Apache Batik"),
          Map.entry("com.fasterxml.jackson", "Jackson"),
          Map.entry("org.yaml", "SnakeYAML"),
          Map.entry("org.snakeyaml", "SnakeYAML"),
          Map.entry("at.yawk.lz4", "LZ4 for Java"),
          Map.entry("org.xerial.snappy", "snappy-java"),
          Map.entry("org.objenesis", "Objenesis"),
          Map.entry("org.roaringbitmap", "RoaringBitmap"),
          Map.entry("com.google.code.findbugs", "JSR-305"),
          Map.entry("com.ververica", "FRocksDB"),
          Map.entry("tools.profiler", "async-profiler"),
          Map.entry("com.esotericsoftware", "Kryo"),
          Map.entry("org.ow2.asm", "ASM"),
          Map.entry("org.javassist", "Javassist"),
          Map.entry("com.github.luben", "zstd-jni"),
          Map.entry("info.picocli", "picocli"),
          Map.entry("com.samskivert", "JMustache"),
          Map.entry("net.java.dev.jna", "JNA"),
          Map.entry("org.jline", "JLine"),
          Map.entry("com.ibm.icu", "ICU4J"),
          Map.entry("org.slf4j", "SLF4J"),
          Map.entry("com.datadoghq", "DDSketch"),
          Map.entry("org.knowm.xchart", "XChart"),
          Map.entry("io.javalin", "Javalin"),
          Map.entry("org.eclipse.jetty", "Eclipse Jetty"),
          Map.entry("jakarta.", "Jakarta"),
          Map.entry("org.jetbrains", "Kotlin"));

  @Test
  void putsFlinkAvroBeforeTheRegistryClientThatShadowsIt() throws IOException {
    List<String> classPath = classPath();

    assertThat(indexOf(classPath, "flink-avro"))
        .isLessThan(indexOf(classPath, "flink-sql-avro-confluent-registry"));
  }

  @Test
  void findsEveryJarOfTheClassPath() throws IOException {
    assertThat(classPath())
        .hasSizeGreaterThan(40)
        .allSatisfy(entry -> assertThat(TARGET.resolve(entry)).exists());
  }

  @Test
  void keepsTheBrokerOffTheClassPath() throws IOException {
    assertThat(classPath())
        .noneMatch(entry -> entry.startsWith("lib/kafka_") || entry.contains("kafka-server"))
        .contains("lib/kafka-clients-4.2.1.jar");
  }

  /** It brings Kotlin and an HTTP client; only the benchmarks' own process gets it. */
  @Test
  void keepsTheProviderThatIsComparedWithOffTheClassPath() throws IOException {
    assertThat(TARGET.resolve("model-providers/flink-model-openai.jar")).isRegularFile();
    assertThat(classPath()).noneMatch(entry -> entry.contains("flink-model-openai"));
  }

  @Test
  void packsNoClassOfFlinkItselfIntoTheJobJar() throws IOException {
    assertThat(entries(JOB_JAR))
        .noneMatch(name -> name.startsWith("org/apache/flink/runtime/"))
        .noneMatch(name -> name.startsWith("org/apache/flink/streaming/api/"))
        .noneMatch(name -> name.startsWith("org/apache/flink/api/common/"))
        .noneMatch(name -> name.startsWith("org/apache/flink/connector/file/"))
        .noneMatch(name -> name.startsWith("org/apache/logging/"))
        .noneMatch(name -> name.startsWith("org/slf4j/"))
        .noneMatch(name -> name.startsWith("org/apache/flink/table/planner/"))
        .noneMatch(name -> name.startsWith("org/apache/flink/model/openai/"))
        .noneMatch(name -> name.startsWith("ai/falaj/jobs/cli/"))
        .noneMatch(name -> name.startsWith("picocli/"));
  }

  @Test
  void packsWhatAClusterLacksIntoTheJobJar() throws IOException {
    assertThat(entries(JOB_JAR))
        .contains(
            "ai/falaj/schemas/PromptRequest.class",
            "ai/falaj/runtime/ModelRuntime.class",
            "org/apache/flink/connector/kafka/source/KafkaSource.class",
            "org/apache/flink/connector/base/source/reader/SourceReaderBase.class",
            "org/apache/flink/formats/avro/AvroSerializationSchema.class",
            "org/apache/kafka/clients/producer/KafkaProducer.class",
            "com/sun/jna/Native.class",
            "com/fasterxml/jackson/databind/ObjectMapper.class",
            "org/apache/flink/avro/registry/confluent/shaded/io/confluent/kafka/schemaregistry/client/CachedSchemaRegistryClient.class");
  }

  /** The registry client's jar holds classes of the same names that stand on a relocated Avro. */
  @Test
  void takesFlinkAvrosOwnClassesIntoTheJobJar() throws IOException {
    String name = "org/apache/flink/formats/avro/AvroSerializationSchema.class";
    Path flinkAvro =
        TARGET.resolve(
            classPath().stream()
                .filter(entry -> entry.startsWith("lib/flink-avro-"))
                .findFirst()
                .orElseThrow());

    assertThat(bytes(JOB_JAR, name)).isEqualTo(bytes(flinkAvro, name));
    assertThat(entries(JOB_JAR)).doesNotHaveDuplicates();
  }

  @Test
  void mergesServiceFilesInTheJobJar() throws IOException {
    String services =
        new String(
            bytes(JOB_JAR, "META-INF/services/org.apache.flink.table.factories.Factory"),
            StandardCharsets.UTF_8);

    assertThat(services).contains("AvroFormatFactory").contains("KafkaDynamicTableFactory");
  }

  /** It lies in Flink's lib beside Flink's SQL jars, which hold what is left out here. */
  @Test
  void packsTheModelProviderAndNothingOfFlinkIntoTheSqlJar() throws IOException {
    String services =
        new String(
            bytes(SQL_JAR, "META-INF/services/org.apache.flink.table.factories.Factory"),
            StandardCharsets.UTF_8);

    assertThat(services.strip().lines())
        .containsExactly("ai.falaj.operators.sql.FalajModelProviderFactory");
    assertThat(entries(SQL_JAR))
        .contains(
            "ai/falaj/operators/sql/FalajModelProviderFactory.class",
            "ai/falaj/runtime/ModelRuntime.class",
            "ai/falaj/schemas/ErrorCode.class",
            "org/apache/avro/Schema.class",
            "com/samskivert/mustache/Mustache.class",
            "com/sun/jna/Native.class",
            "com/fasterxml/jackson/databind/ObjectMapper.class")
        .noneMatch(name -> name.startsWith("org/apache/flink/"))
        .noneMatch(name -> name.startsWith("org/apache/kafka/"))
        .noneMatch(name -> name.startsWith("ai/falaj/jobs/"))
        .doesNotHaveDuplicates();
  }

  @Test
  void carriesNoSignatureThatTheMergeBroke() throws IOException {
    assertThat(entries(JOB_JAR)).noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"));
  }

  @Test
  void billsEveryJarOfTheClassPath() throws IOException {
    Set<String> billed = new HashSet<>();
    for (JsonNode component :
        new ObjectMapper().readTree(TARGET.resolve("falaj.cdx.json").toFile()).get("components")) {
      billed.add(component.get("name").asText() + "-" + component.get("version").asText());
    }

    List<String> missing =
        classPath().stream()
            .map(entry -> Path.of(entry).getFileName().toString().replaceFirst("\\.jar$", ""))
            .filter(jar -> billed.stream().noneMatch(jar::startsWith))
            .toList();
    assertThat(missing).isEmpty();
  }

  @Test
  void namesInTheNoticeWhoseLibrariesItBundles() throws IOException {
    String notice =
        Files.readString(Path.of(System.getProperty("falaj.home")).resolve("NOTICE"))
            .toLowerCase(Locale.ROOT);
    Set<String> unnamed = new TreeSet<>();
    for (JsonNode component :
        new ObjectMapper().readTree(TARGET.resolve("falaj.cdx.json").toFile()).get("components")) {
      String group = component.path("group").asText();
      if (!group.equals("ai.falaj") && NAMES.keySet().stream().noneMatch(group::startsWith)) {
        unnamed.add(group + ":" + component.get("name").asText());
      }
    }

    assertThat(unnamed).as("groups that no line of NOTICE is known to name").isEmpty();
    assertThat(NAMES.values())
        .allSatisfy(name -> assertThat(notice).contains(name.toLowerCase(Locale.ROOT)));
  }

  private static List<String> classPath() throws IOException {
    try (JarFile jar = new JarFile(CLI_JAR.toFile())) {
      return Arrays.asList(jar.getManifest().getMainAttributes().getValue("Class-Path").split(" "));
    }
  }

  private static int indexOf(List<String> classPath, String artifact) {
    for (int i = 0; i < classPath.size(); i++) {
      if (classPath.get(i).matches("lib/" + artifact + "-[0-9].*")) {
        return i;
      }
    }
    throw new AssertionError(artifact + " is not in " + classPath);
  }

  private static List<String> entries(Path jar) throws IOException {
    assertThat(Files.exists(jar)).as(jar + " exists").isTrue();
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName).toList();
    }
  }

  private static byte[] bytes(Path jar, String entry) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getInputStream(file.getJarEntry(entry)).readAllBytes();
    }
  }
}

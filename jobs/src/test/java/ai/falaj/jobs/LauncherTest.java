package ai.falaj.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bash launcher, in a copy of the repository's shape with a java and a mvn that only say what
 * they were told.
 */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

  private static final List<String> TOOLS =
      List.of(
          "bash",
          "cat",
          "dirname",
          "env",
          "find",
          "grep",
          "head",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "touch",
          "tput");

  @TempDir private Path directory;
  private Path home;
  private Path bin;

  @BeforeEach
  void copyLauncher() throws IOException {
    home = Files.createDirectories(directory.resolve("a home with blanks"));
    bin = Files.createDirectories(directory.resolve("bin"));
    Path launcher = Path.of(System.getProperty("falaj.home"), "falaj");
    Files.copy(launcher, home.resolve("falaj"));
    for (String tool : TOOLS) {
      script(tool, "exec " + which(tool) + " \"$@\"");
    }
    script(
        "java",
        "if [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.9\" 2023' >&2; exit; fi",
        "printf '<%s>\\n' \"$@\"");
    script(
        "mvn",
        "echo \"$PWD $*\" >>\"" + directory + "/mvn-calls\"",
        "mkdir -p jobs/target jobs/local-stack/kafka/target/lib"
            + " jobs/local-stack/registry/target/registry",
        "touch jobs/target/falaj-jobs.jar");
  }

  @Test
  void runsADistributionWithoutMaven() throws Exception {
    asDistribution();
    Files.delete(bin.resolve("mvn"));

    Run run = launch(home.resolve("falaj"), "prompt", "two words", "*");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("<-Dfalaj.home=" + home.toRealPath() + ">")
        .contains("<-jar>\n<" + home.toRealPath() + "/jobs/target/falaj-jobs.jar>")
        .endsWith("<prompt>\n<two words>\n<*>\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void findsItsHomeThroughLinks() throws Exception {
    asDistribution();
    Path absolute = Files.createSymbolicLink(bin.resolve("falaj"), home.resolve("falaj"));
    Path relative = Files.createSymbolicLink(directory.resolve("link"), Path.of("bin/falaj"));

    for (Path link : List.of(absolute, relative)) {
      assertThat(launch(link, "version").out())
          .contains("<-Dfalaj.home=" + home.toRealPath() + ">");
    }
  }

  @Test
  void buildsWhatIsMissingOnceAndAgainWhenASourceIsNewer() throws Exception {
    Path source = asSourceTree();

    assertThat(launch(home.resolve("falaj"), "version").err()).contains("building", "built in");
    assertThat(launch(home.resolve("falaj"), "version").err()).isEmpty();
    assertThat(mavenCalls()).containsExactly(home.toRealPath() + " -q -B -DskipTests package");

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(launch(home.resolve("falaj"), "version").exitCode()).isZero();
    assertThat(mavenCalls()).hasSize(2);
  }

  @Test
  void buildsAgainWhenTheBrokersFilesAreGone() throws Exception {
    asSourceTree();
    launch(home.resolve("falaj"), "version");
    Files.delete(home.resolve("jobs/local-stack/kafka/target/lib"));

    launch(home.resolve("falaj"), "version");

    assertThat(mavenCalls()).hasSize(2);
  }

  @Test
  void namesTheLogOfAFailedBuild() throws Exception {
    asSourceTree();
    script("mvn", "echo '[ERROR] Cannot compile'", "exit 1");

    Run run = launch(home.resolve("falaj"), "version");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("[ERROR] Cannot compile")
        .endsWith(
            "falaj: the build failed; see " + home.toRealPath() + "/target/falaj-build.log\n");
    assertThat(home.resolve("target/falaj-building")).doesNotExist();
  }

  @Test
  void takesOverTheLockOfABuilderThatIsGone() throws Exception {
    asSourceTree();
    Path lock = Files.createDirectories(home.resolve("target/falaj-building"));
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Files.writeString(lock.resolve("pid"), Long.toString(gone.pid()));

    assertThat(launch(home.resolve("falaj"), "version").exitCode()).isZero();
    assertThat(mavenCalls()).hasSize(1);
  }

  @Test
  void saysThatMavenIsMissing() throws Exception {
    asSourceTree();
    Files.delete(bin.resolve("mvn"));

    assertRefused(launch(home.resolve("falaj"), "version"), "Maven is missing");
  }

  @Test
  void saysThatJavaIsMissing() throws Exception {
    asDistribution();
    Files.delete(bin.resolve("java"));

    assertRefused(launch(home.resolve("falaj"), "version"), "Java is missing");
  }

  @Test
  void refusesAnOldJava() throws Exception {
    asDistribution();
    script("java", "echo 'openjdk version \"11.0.2\" 2019' >&2");
    assertRefused(launch(home.resolve("falaj"), "version"), "Java is 11 at");

    script("java", "echo 'java version \"1.8.0_191\"' >&2");
    assertRefused(launch(home.resolve("falaj"), "version"), "Java is 8 at");
  }

  @Test
  void readsTheVersionOfJavaHomeFromItsReleaseFile() throws Exception {
    asDistribution();
    Path javaHome = Files.createDirectories(directory.resolve("jdk/bin")).getParent();
    Files.move(bin.resolve("java"), javaHome.resolve("bin/java"));
    Files.writeString(javaHome.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25\"\n");

    Run run = launch(List.of("JAVA_HOME=" + javaHome), home.resolve("falaj"), "version");

    assertThat(run.out()).contains("<--enable-native-access=ALL-UNNAMED>");
  }

  @Test
  void refusesAJavaHomeWithoutJava() throws Exception {
    asDistribution();

    assertRefused(
        launch(List.of("JAVA_HOME=" + home), home.resolve("falaj"), "version"),
        "JAVA_HOME is " + home);
  }

  private void asDistribution() throws IOException {
    Files.createDirectories(home.resolve("jobs/target"));
    Files.createFile(home.resolve("jobs/target/falaj-jobs.jar"));
  }

  private Path asSourceTree() throws IOException {
    Path sources = Files.createDirectories(home.resolve("jobs/src/main/java"));
    Files.createFile(home.resolve("pom.xml"));
    return Files.createFile(sources.resolve("A.java"));
  }

  private List<String> mavenCalls() throws IOException {
    return Files.readAllLines(directory.resolve("mvn-calls"));
  }

  private void script(String name, String... lines) throws IOException {
    Path file = bin.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path which(String tool) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path candidate = Path.of(folder, tool);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError(tool + " is not on the path");
  }

  private record Run(int exitCode, String out, String err) {}

  private Run launch(Path launcher, String... args) throws Exception {
    return launch(List.of(), launcher, args);
  }

  private Run launch(List<String> environment, Path launcher, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(which("env").toString());
    command.addAll(List.of("-i", "PATH=" + bin));
    command.addAll(environment);
    command.add(launcher.toString());
    command.addAll(List.of(args));
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private static void assertRefused(Run run, String problem) {
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("falaj: " + problem);
    assertThat(run.err().lines()).hasSize(1);
  }
}

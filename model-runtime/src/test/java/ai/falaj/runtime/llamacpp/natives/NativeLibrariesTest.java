package ai.falaj.runtime.llamacpp.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.runtime.files.Sha256;
import ai.falaj.runtime.testing.FakePrograms;
import ai.falaj.runtime.testing.RecordingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {

  private static final Platform LINUX_X64 = new Platform("linux", "x64", false);
  private static final int X86_64 = 0x3e;
  private static final int AARCH64 = 0xb7;
  private static final List<String> LIBRARIES =
      List.of("libggml-base.so", "libggml-cpu-x64.so", "libggml.v0.5.0.so", "libllama.v0.5.0.so");

  @TempDir Path folder;
  private Path cache;
  private Path archive;
  private FakePrograms programs;
  private NativePackage wanted;
  private Duration npmTimeout = Duration.ofSeconds(60);
  private final RecordingProgress progress = new RecordingProgress();

  @BeforeEach
  void publishPackage() throws Exception {
    cache = folder.resolve("cache");
    archive = folder.resolve("published.tgz");
    programs = new FakePrograms(folder.resolve("bin"));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("LICENSE", new byte[] {'M', 'I', 'T'});
    for (String library : LIBRARIES) {
      files.put(library, elf(X86_64, library));
    }
    Map<String, String> sums = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      var digest = Sha256.newDigest();
      digest.update(file.getValue());
      sums.put(file.getKey(), Sha256.hex(digest));
    }
    wanted = new NativePackage("linux-x64", sums);
    publish(files);
    programs.add(
        "npm",
        "echo run >> " + folder.resolve("runs"),
        "echo \"$@\" > " + folder.resolve("arguments"),
        "[ \"$3\" = --pack-destination ] || exit 9",
        "/bin/cp " + archive + " \"$4/node-llama-cpp-linux-x64.tgz\"");
  }

  @Test
  void installsOnceAndThenTakesTheCache() throws Exception {
    LlamaLibraries installed = libraries().locate(progress);
    LlamaLibraries cached = libraries().locate(progress);

    Path expected = cache.resolve("natives/llama.cpp-0.5.0/linux-x64");
    assertThat(installed)
        .isEqualTo(
            new LlamaLibraries(
                expected,
                expected.resolve("libllama.v0.5.0.so"),
                expected.resolve("libggml.v0.5.0.so"),
                LlamaLibraries.Source.INSTALLED));
    assertThat(cached.source()).isEqualTo(LlamaLibraries.Source.CACHE);
    assertThat(cached.llamaLibrary()).isEqualTo(installed.llamaLibrary());
    assertThat(npmRuns()).isOne();
    assertThat(Files.readString(folder.resolve("arguments")))
        .startsWith("pack @node-llama-cpp/linux-x64@3.22.1 ")
        .contains("--ignore-scripts");
    assertThat(progress.events)
        .containsExactly("started llama.cpp 0.5.0 for linux-x64 with npm", "finished");
    try (Stream<Path> left = Files.list(expected)) {
      assertThat(left.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(wanted.sha256ByFile().keySet());
    }
    assertNoWorkFolders();
  }

  @Test
  void installsOnceForManyAtTheSameTime() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      List<Future<LlamaLibraries>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(executor.submit(() -> libraries().locate(progress)));
      }
      for (Future<LlamaLibraries> one : all) {
        assertThat(one.get().llamaLibrary()).exists();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(npmRuns()).isOne();
  }

  @Test
  void installsAgainWhatWasDamaged() throws Exception {
    Path library = libraries().locate(progress).llamaLibrary();
    Files.write(library, elf(X86_64, "tampered"));
    NativeLibrariesException found =
        catchThrowableOfType(NativeLibrariesException.class, () -> libraries().verify());
    assertThat(found).hasMessageContaining("libllama.v0.5.0.so").hasMessageContaining("delete");

    assertThat(libraries().locate(progress).source()).isEqualTo(LlamaLibraries.Source.INSTALLED);
    assertThat(libraries().verify()).isPresent();
    assertThat(Files.readAllBytes(library)).isEqualTo(elf(X86_64, "libllama.v0.5.0.so"));
    assertNoWorkFolders();
  }

  @Test
  void verifyingInstallsNothing() throws Exception {
    assertThat(libraries().verify()).isEmpty();
    assertThat(cache).doesNotExist();
    assertThat(npmRuns()).isZero();
  }

  @Test
  void installsNothingWhoseChecksumIsWrong() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("LICENSE", new byte[] {'M', 'I', 'T'});
    for (String library : LIBRARIES) {
      files.put(library, elf(X86_64, library + "!"));
    }
    publish(files);
    assertThat(failure())
        .hasMessageContaining("libggml-base.so has SHA-256")
        .hasMessageContaining("nothing was installed")
        .hasMessageContaining("FALAJ_LLAMA_LIB_DIR");
    assertThat(cache.resolve("natives/llama.cpp-0.5.0/linux-x64")).doesNotExist();
    assertNoWorkFolders();
  }

  @Test
  void refusesAnArchiveWithoutALibraryAndOneThatIsNone() throws Exception {
    publish(Map.of("LICENSE", new byte[] {'M', 'I', 'T'}));
    assertThat(failure()).hasMessageContaining("holds no libggml-base.so");
    Files.writeString(archive, "Sign in to continue");
    assertThat(failure()).hasMessageContaining("cannot be unpacked");
  }

  @Test
  void saysHowToGoOnWithoutNpm() {
    Path empty = folder.resolve("empty");
    NativeLibraries libraries = libraries(Optional.empty(), empty.toString());
    NativeLibrariesException e =
        catchThrowableOfType(NativeLibrariesException.class, () -> libraries.locate(progress));
    assertThat(e)
        .hasMessageContaining("npm is not on the PATH")
        .hasMessageContaining("install Node.js")
        .hasMessageContaining(
            "set FALAJ_LLAMA_LIB_DIR to a folder with llama.cpp 0.5.0's shared libraries");
  }

  @Test
  void saysWhatNpmSaid() throws Exception {
    programs.add(
        "npm",
        "echo 'npm warn config something' >&2",
        "echo 'npm error code E404' >&2",
        "echo 'npm error 404 No match found' >&2",
        "echo 'npm error A complete log of this run can be found in: /x' >&2",
        "exit 1");
    assertThat(failure())
        .hasMessageContaining("status 1 (code E404, 404 No match found)")
        .hasMessageContaining("FALAJ_LLAMA_LIB_DIR");
    programs.add("npm", "echo 'Segmentation fault' >&2", "exit 139");
    assertThat(failure()).hasMessageContaining("status 139 (Segmentation fault)");
    programs.add("npm", "exit 0");
    assertThat(failure()).hasMessageContaining("status 0");
  }

  @Test
  void givesUpOnAnNpmThatHangs() throws Exception {
    programs.add("npm", "exec /bin/sleep 300");
    npmTimeout = Duration.ofSeconds(1);
    assertThat(failure()).hasMessageContaining("took longer than 1 s");
    assertNoWorkFolders();
  }

  @Test
  void takesTheFolderThatTheUserNames() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.write(own.resolve("libllama-common.so"), elf(X86_64, "c"));
    Files.write(own.resolve("libllama.so.0.5.0"), elf(X86_64, "l"));
    Files.createSymbolicLink(own.resolve("libllama.so"), Path.of("libllama.so.0.5.0"));
    Files.write(own.resolve("libggml.so"), elf(X86_64, "g"));
    Files.write(own.resolve("libggml-base.so"), elf(X86_64, "b"));
    Files.write(own.resolve("libggml-cpu.so"), elf(X86_64, "cpu"));

    LlamaLibraries found = libraries(Optional.of(own), programs.searchPath()).locate(progress);
    assertThat(found)
        .isEqualTo(
            new LlamaLibraries(
                own,
                own.resolve("libllama.so"),
                own.resolve("libggml.so"),
                LlamaLibraries.Source.OVERRIDE));
    assertThat(npmRuns()).isZero();
    assertThat(cache).doesNotExist();
  }

  @Test
  void saysWhatTheFolderThatTheUserNamesLacks() throws Exception {
    Path own = folder.resolve("own");
    assertThat(failureWith(own)).hasMessageContaining("is no folder");
    Files.createDirectory(own);
    assertThat(failureWith(own)).hasMessageContaining("holds no libllama;");
    Files.write(own.resolve("libllama.so"), elf(AARCH64, "l"));
    assertThat(failureWith(own)).hasMessageContaining("holds no libggml;");
    Files.write(own.resolve("libggml.so"), elf(AARCH64, "g"));
    assertThat(failureWith(own))
        .hasMessageContaining("built for arm64 and this machine is linux-x64");
    Files.write(own.resolve("libllama.so"), new byte[] {1, 2, 3});
    assertThat(failureWith(own)).hasMessageContaining("no 64-bit ELF library");
    Files.write(own.resolve("libllama.so"), elf(X86_64, "l"));
    assertThat(failureWith(own)).hasMessageContaining("no CPU backend");
  }

  @Test
  void saysForWhichMachinesThereIsNothing() {
    assertThat(packageFailure(new Platform("linux", "x64", true), NativeVariant.CPU))
        .hasMessageContaining("musl");
    assertThat(packageFailure(new Platform("sunos", "sparcv9", false), NativeVariant.CPU))
        .hasMessageContaining("sunos-sparcv9")
        .hasMessageContaining("FALAJ_LLAMA_LIB_DIR");
    assertThat(packageFailure(new Platform("linux", "arm64", false), NativeVariant.CUDA))
        .hasMessageContaining("linux-arm64-cuda");
    assertThat(
            catchThrowableOfType(NativeLibrariesException.class, () -> NativeVariant.parse("rocm")))
        .hasMessageContaining("cpu, cuda or vulkan");
  }

  @Test
  void knowsTheFilesOfEveryPackageThatItOffers() throws Exception {
    Platform arm = new Platform("linux", "arm64", false);
    for (NativePackage offered :
        List.of(
            NativePackage.of(LINUX_X64, NativeVariant.CPU),
            NativePackage.of(LINUX_X64, NativeVariant.parse("cuda")),
            NativePackage.of(LINUX_X64, NativeVariant.parse(" Vulkan ")),
            NativePackage.of(arm, NativeVariant.CPU))) {
      assertThat(offered.sha256ByFile().keySet())
          .as(offered.id())
          .contains("LICENSE", "libggml-base.so")
          .anyMatch(name -> name.matches("libllama\\.(\\w+\\.)?v0\\.5\\.0\\.so"))
          .anyMatch(name -> name.startsWith("libggml-cpu-"));
      assertThat(offered.sha256ByFile().values()).allMatch(Sha256::isHex);
    }
  }

  @Test
  void recognisesPlatforms() throws Exception {
    Path glibc = folder.resolve("glibc");
    Files.createDirectories(glibc.resolve("lib64"));
    Files.createDirectories(glibc.resolve("lib"));
    Files.createFile(glibc.resolve("lib64/ld-linux-x86-64.so.2"));
    Files.createFile(glibc.resolve("lib/ld-musl-x86_64.so.1"));
    Path alpine = folder.resolve("alpine");
    Files.createDirectories(alpine.resolve("lib"));
    Files.createFile(alpine.resolve("lib/ld-musl-x86_64.so.1"));

    assertThat(Platform.detect("Linux", "amd64", glibc)).isEqualTo(LINUX_X64);
    assertThat(Platform.detect("Linux", "amd64", alpine).musl()).isTrue();
    assertThat(Platform.detect("Mac OS X", "aarch64", alpine).id()).isEqualTo("mac-arm64");
    assertThat(Platform.detect("Mac OS X", "aarch64", alpine).musl()).isFalse();
    assertThat(Platform.detect("Windows 11", "x86_64", glibc).id()).isEqualTo("win-x64");
    assertThat(Platform.detect("SunOS", "sparcv9", glibc).id()).isEqualTo("sunos-sparcv9");
  }

  private NativeLibraries libraries() {
    return libraries(Optional.empty(), programs.searchPath());
  }

  private NativeLibraries libraries(Optional<Path> override, String searchPath) {
    return new NativeLibraries(override, cache, LINUX_X64, () -> wanted, searchPath, npmTimeout);
  }

  private NativeLibrariesException failure() {
    NativeLibrariesException e =
        catchThrowableOfType(NativeLibrariesException.class, () -> libraries().locate(progress));
    assertThat(e.getMessage()).doesNotContain("\n");
    return e;
  }

  private NativeLibrariesException failureWith(Path own) {
    return catchThrowableOfType(
        NativeLibrariesException.class,
        () -> libraries(Optional.of(own), programs.searchPath()).locate(progress));
  }

  private static NativeLibrariesException packageFailure(Platform platform, NativeVariant variant) {
    return catchThrowableOfType(
        NativeLibrariesException.class, () -> NativePackage.of(platform, variant));
  }

  private void publish(Map<String, byte[]> files) throws IOException {
    try (TarGzWriter tar = new TarGzWriter(archive)) {
      tar.file("package/package.json", new byte[] {'{', '}'});
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        tar.file(wanted.archivePath(file.getKey()), file.getValue());
      }
    }
  }

  private long npmRuns() throws IOException {
    Path runs = folder.resolve("runs");
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  private void assertNoWorkFolders() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("natives/llama.cpp-0.5.0"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".installing"));
    }
  }

  private static byte[] elf(int machine, String content) {
    byte[] bytes = ("....................." + content).getBytes();
    bytes[0] = 0x7f;
    bytes[1] = 'E';
    bytes[2] = 'L';
    bytes[3] = 'F';
    bytes[4] = 2;
    bytes[18] = (byte) machine;
    bytes[19] = 0;
    return bytes;
  }
}

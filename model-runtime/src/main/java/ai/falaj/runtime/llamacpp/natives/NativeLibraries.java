package ai.falaj.runtime.llamacpp.natives;

import ai.falaj.runtime.files.CacheDirectory;
import ai.falaj.runtime.files.FileTrees;
import ai.falaj.runtime.files.InterProcessLock;
import ai.falaj.runtime.files.Sha256;
import ai.falaj.runtime.progress.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds llama.cpp's shared libraries, and installs them where they are missing.
 *
 * <p>In this order: the folder that the user names ({@code -Dfalaj.llama.lib.dir} or {@code
 * FALAJ_LLAMA_LIB_DIR}), the cache, the npm package. Files of the cache are compared with their
 * SHA-256 each time (25 MB, a tenth of a second), and installed again when one differs.
 *
 * <p>Any thread, any process: an installation happens in a folder of its own under a lock and
 * appears by a rename, so nobody ever sees half of one.
 */
public final class NativeLibraries {

  /** Environment variable that names a folder with the libraries. */
  public static final String OVERRIDE_VARIABLE = "FALAJ_LLAMA_LIB_DIR";

  /** System property for the same; it wins over the variable. */
  public static final String OVERRIDE_PROPERTY = "falaj.llama.lib.dir";

  /** System property for {@link NativeVariant#VARIABLE}; it wins over the variable. */
  public static final String VARIANT_PROPERTY = "falaj.llama.variant";

  /** The llama.cpp release that {@link #locate} provides. */
  public static final String LLAMA_CPP_VERSION = NativePackage.LLAMA_CPP_VERSION;

  static final String OVERRIDE_REMEDY =
      "set "
          + OVERRIDE_VARIABLE
          + " to a folder with llama.cpp "
          + LLAMA_CPP_VERSION
          + "'s shared libraries";

  private static final Duration NPM_TIMEOUT = Duration.ofMinutes(15);
  private static final String WORK_FOLDER_PREFIX = ".installing-";

  private final Optional<Path> override;
  private final Path versionFolder;
  private final Platform platform;
  private final PackageSupplier packages;
  private final NpmFetch npm;

  /** Names the package for this machine, or says why there is none. */
  interface PackageSupplier {
    NativePackage get() throws NativeLibrariesException;
  }

  NativeLibraries(
      Optional<Path> override,
      Path cacheDirectory,
      Platform platform,
      PackageSupplier packages,
      String searchPath,
      Duration npmTimeout) {
    this.override = override.map(Path::toAbsolutePath);
    this.versionFolder =
        cacheDirectory.resolve("natives").resolve("llama.cpp-" + LLAMA_CPP_VERSION);
    this.platform = Objects.requireNonNull(platform, "platform");
    this.packages = Objects.requireNonNull(packages, "packages");
    this.npm = new NpmFetch(searchPath, npmTimeout);
  }

  /** As system properties and the environment of this process say. */
  public static NativeLibraries fromEnvironment() {
    Map<String, String> environment = System.getenv();
    Platform platform = Platform.current();
    return new NativeLibraries(
        setting(OVERRIDE_PROPERTY, OVERRIDE_VARIABLE, environment).map(Path::of),
        CacheDirectory.locate(environment),
        platform,
        () -> NativePackage.of(platform, wantedVariant()),
        environment.getOrDefault("PATH", ""),
        NPM_TIMEOUT);
  }

  /**
   * The variant that the system property or the environment asks for; CPU where neither does.
   *
   * @throws NativeLibrariesException when there is no such variant
   */
  public static NativeVariant wantedVariant() throws NativeLibrariesException {
    Optional<String> variant = setting(VARIANT_PROPERTY, NativeVariant.VARIABLE, System.getenv());
    return variant.isPresent() ? NativeVariant.parse(variant.get()) : NativeVariant.CPU;
  }

  /**
   * Finds the libraries, installing them first where they are missing or damaged.
   *
   * @throws NativeLibrariesException when they cannot be had
   * @throws InterruptedException while waiting for npm or for another process that installs
   */
  public LlamaLibraries locate(ProgressListener listener)
      throws NativeLibrariesException, InterruptedException {
    if (override.isPresent()) {
      return LibraryFolder.recognise(override.get(), platform, LlamaLibraries.Source.OVERRIDE);
    }
    NativePackage wanted = packages.get();
    if (damage(wanted).isEmpty()) {
      return recognise(wanted, LlamaLibraries.Source.CACHE);
    }
    try {
      return install(wanted, listener);
    } catch (IOException e) {
      throw new NativeLibrariesException(
          "llama.cpp "
              + LLAMA_CPP_VERSION
              + " cannot be installed in "
              + versionFolder
              + " ("
              + e
              + "); free or unlock that folder, name another with "
              + CacheDirectory.VARIABLE
              + ", or "
              + OVERRIDE_REMEDY,
          e);
    }
  }

  /**
   * Looks for the libraries and checks them, without installing anything.
   *
   * @return empty where they are yet to be installed
   * @throws NativeLibrariesException when they are there and cannot be used, or can never be had on
   *     this machine
   */
  public Optional<LlamaLibraries> verify() throws NativeLibrariesException {
    if (override.isPresent()) {
      return Optional.of(
          LibraryFolder.recognise(override.get(), platform, LlamaLibraries.Source.OVERRIDE));
    }
    NativePackage wanted = packages.get();
    Path folder = versionFolder.resolve(wanted.id());
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    Optional<String> damage = damage(wanted);
    if (damage.isPresent()) {
      throw new NativeLibrariesException(
          damage.get() + "; delete " + folder + " to have it installed again");
    }
    return Optional.of(recognise(wanted, LlamaLibraries.Source.CACHE));
  }

  private LlamaLibraries recognise(NativePackage wanted, LlamaLibraries.Source source)
      throws NativeLibrariesException {
    return LibraryFolder.recognise(versionFolder.resolve(wanted.id()), platform, source);
  }

  private LlamaLibraries install(NativePackage wanted, ProgressListener listener)
      throws NativeLibrariesException, IOException, InterruptedException {
    Files.createDirectories(versionFolder);
    Runnable onWait = () -> listener.note("Waiting for another process that installs llama.cpp");
    try (InterProcessLock lock =
        InterProcessLock.acquire(versionFolder.resolve(wanted.id() + ".lock"), onWait)) {
      Objects.requireNonNull(lock);
      if (damage(wanted).isEmpty()) {
        return recognise(wanted, LlamaLibraries.Source.CACHE);
      }
      String prefix = WORK_FOLDER_PREFIX + wanted.id() + "-";
      deleteLeftovers(prefix);
      Path work = Files.createTempDirectory(versionFolder, prefix);
      try {
        listener.started(
            "llama.cpp " + LLAMA_CPP_VERSION + " for " + wanted.id() + " with npm",
            OptionalLong.empty());
        Path fetched = Files.createDirectory(work.resolve("npm"));
        Path archive = npm.fetch(wanted, fetched);
        Path libraries = Files.createDirectory(work.resolve("lib"));
        extract(wanted, archive, libraries);
        replace(work, libraries, versionFolder.resolve(wanted.id()));
        listener.finished();
      } finally {
        FileTrees.delete(work);
      }
      return recognise(wanted, LlamaLibraries.Source.INSTALLED);
    }
  }

  private static void extract(NativePackage wanted, Path archive, Path folder)
      throws NativeLibrariesException, IOException {
    Map<String, Path> targets = new HashMap<>();
    for (String file : wanted.sha256ByFile().keySet()) {
      targets.put(wanted.archivePath(file), folder.resolve(file));
    }
    Set<String> found;
    try {
      found = TarGz.extract(archive, targets);
    } catch (IOException e) {
      throw new NativeLibrariesException(
          "The archive of "
              + wanted.npmSpec()
              + " cannot be unpacked ("
              + e
              + "); check the free space of "
              + folder
              + " and npm's registry, or "
              + OVERRIDE_REMEDY,
          e);
    }
    for (String file : wanted.sha256ByFile().keySet()) {
      if (!found.contains(wanted.archivePath(file))) {
        throw new NativeLibrariesException(
            "The archive of "
                + wanted.npmSpec()
                + " holds no "
                + file
                + "; check that npm's registry serves the original package, or "
                + OVERRIDE_REMEDY);
      }
    }
    Optional<String> mismatch = mismatch(wanted, folder);
    if (mismatch.isPresent()) {
      throw new NativeLibrariesException(
          "Of "
              + wanted.npmSpec()
              + ", "
              + mismatch.get()
              + "; nothing was installed: check that npm's registry serves the original package, or "
              + OVERRIDE_REMEDY);
    }
  }

  /** A rename is atomic, but not onto a folder that has content: that one steps aside first. */
  private static void replace(Path work, Path libraries, Path target) throws IOException {
    if (Files.exists(target)) {
      Files.move(target, work.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(libraries, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private void deleteLeftovers(String prefix) throws IOException {
    List<Path> leftovers;
    try (Stream<Path> files = Files.list(versionFolder)) {
      leftovers = files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
    for (Path leftover : leftovers) {
      FileTrees.delete(leftover);
    }
  }

  /** What is wrong with the installed package; empty where nothing is. */
  private Optional<String> damage(NativePackage wanted) {
    Path folder = versionFolder.resolve(wanted.id());
    if (!Files.isDirectory(folder)) {
      return Optional.of(folder + " does not exist");
    }
    return mismatch(wanted, folder);
  }

  private static Optional<String> mismatch(NativePackage wanted, Path folder) {
    for (Map.Entry<String, String> file : wanted.sha256ByFile().entrySet()) {
      Path path = folder.resolve(file.getKey());
      String actual;
      try {
        actual = Sha256.ofFile(path);
      } catch (IOException e) {
        return Optional.of(path + " cannot be read (" + e + ")");
      }
      if (!actual.equals(file.getValue())) {
        return Optional.of(
            path.getFileName() + " has SHA-256 " + actual + " and should have " + file.getValue());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> setting(
      String property, String variable, Map<String, String> environment) {
    return Optional.ofNullable(System.getProperty(property))
        .or(() -> Optional.ofNullable(environment.get(variable)))
        .filter(value -> !value.isBlank());
  }
}

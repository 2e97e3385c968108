package ai.falaj.jobs.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether the cache folder can be written and has room for a model and the stack's data. */
final class DiskCheck implements Check {

  private static final String NAME = "disk";
  private static final long COMFORTABLE_BYTES = 2_000_000_000L;

  private final Path cache;
  private final long neededBytes;

  /**
   * @param cache where models, natives and the stack's data go; need not exist
   * @param neededBytes what the default model and the natives take
   */
  DiskCheck(Path cache, long neededBytes) {
    this.cache = cache;
    this.neededBytes = neededBytes;
  }

  @Override
  public CheckResult run() {
    Path existing = existingAncestor(cache);
    if (!Files.isWritable(existing)) {
      return CheckResult.fail(
          NAME, existing + " cannot be written", "make it writable or set FALAJ_CACHE_DIR");
    }
    long usable;
    try {
      usable = Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      return CheckResult.warn(
          NAME, "room at " + existing + " is unknown: " + e.getMessage(), "check it yourself");
    }
    String detail = String.format(Locale.ROOT, "%.1f GB free at %s", usable / 1e9, cache);
    if (usable < neededBytes) {
      return CheckResult.fail(NAME, detail, "free some, or set FALAJ_CACHE_DIR to another disk");
    }
    if (usable < COMFORTABLE_BYTES) {
      return CheckResult.warn(NAME, detail, "free some: larger models and topics will not fit");
    }
    return CheckResult.ok(NAME, detail);
  }

  private static Path existingAncestor(Path path) {
    Path existing = path;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing;
  }
}

package ai.falaj.jobs.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The files of a page, from the class path. Only files with the endings of {@link #TYPES} are
 * served, and only names that need no decoding, so no path leads out of the folder or to a class.
 * Each is read once and has an {@code ETag} of its content; browsers ask each time whether it is
 * still the one. Any thread.
 */
public final class StaticFiles {

  static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("txt", "text/plain; charset=utf-8"));

  private static final Pattern PATH =
      Pattern.compile("/(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*\\.([a-z0-9]+)");

  private final Class<?> anchor;
  private final String folder;
  private final Map<String, StaticFile> files = new ConcurrentHashMap<>();

  /**
   * @param anchor class whose loader finds them
   * @param folder on the class path, such as {@code /ai/falaj/jobs/dashboard}
   */
  public StaticFiles(Class<?> anchor, String folder) {
    this.anchor = anchor;
    this.folder = folder;
  }

  /** Whether a file could have that path: plain characters and an ending, nothing to decode. */
  public static boolean isName(String path) {
    return PATH.matcher(path).matches();
  }

  private record StaticFile(byte[] content, String type, String etag) {}

  /** Serves {@code /} as {@code /index.html}, and every other file under its name. */
  public void addTo(RoutesConfig routes) {
    routes.get("/", context -> serve("/index.html", context));
    routes.get("/<file>", context -> serve(context.path(), context));
  }

  private void serve(String path, Context context) {
    StaticFile file =
        find(path)
            .orElseThrow(() -> WebException.notFound("unknown_path", "there is nothing here"));
    context.header("Cache-Control", "no-cache").header("ETag", file.etag());
    if (file.etag().equals(context.header("If-None-Match"))) {
      context.status(304);
      return;
    }
    context.contentType(file.type()).result(file.content());
  }

  /** The files are few and do not change, so what was found is kept; what was not is looked up. */
  private Optional<StaticFile> find(String path) {
    var parts = PATH.matcher(path);
    if (!parts.matches() || !TYPES.containsKey(parts.group(1))) {
      return Optional.empty();
    }
    StaticFile known = files.get(path);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<StaticFile> read = read(path, TYPES.get(parts.group(1)));
    read.ifPresent(file -> files.put(path, file));
    return read;
  }

  private Optional<StaticFile> read(String path, String type) {
    try (InputStream in = anchor.getResourceAsStream(folder + path)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] content = in.readAllBytes();
      return Optional.of(new StaticFile(content, type, etag(content)));
    } catch (IOException e) {
      throw new IllegalStateException("cannot be read from the class path: " + path, e);
    }
  }

  private static String etag(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return '"' + HexFormat.of().formatHex(hash, 0, 16) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

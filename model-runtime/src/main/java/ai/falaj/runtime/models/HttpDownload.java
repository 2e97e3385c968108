package ai.falaj.runtime.models;

import ai.falaj.runtime.progress.ProgressListener;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Downloads one file into a {@link PartFile}, continuing where an earlier attempt or run stopped.
 *
 * <p>Sorts what can go wrong by what happens next: broken connections, 429 and 5xx are tried again
 * as the {@link RetryPolicy} says; other answers end it with {@link
 * DownloadException.Kind#REFUSED}; the disk ends it with {@link DownloadException.Kind#LOCAL}.
 * Confined to one thread.
 */
final class HttpDownload {

  private static final Set<Integer> RETRYABLE = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+)");
  private static final Pattern UNSATISFIED_RANGE = Pattern.compile("bytes \\*/(\\d+)");
  private static final int MAX_LIST_BYTES = 4 * 1024 * 1024;

  /** Waits between attempts. */
  interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  private final HttpExchange http;
  private final Predicate<URI> hasToken;
  private final RetryPolicy retries;
  private final DiskSpace disk;
  private final Sleeper sleeper;

  HttpDownload(
      HttpClient client,
      HuggingFace huggingFace,
      RetryPolicy retries,
      DiskSpace disk,
      Sleeper sleeper) {
    this.http = new HttpExchange(client, huggingFace::headersFor);
    this.hasToken = address -> !huggingFace.headersFor(address).isEmpty();
    this.retries = retries;
    this.disk = disk;
    this.sleeper = sleeper;
  }

  /**
   * @param linkedSha256 what Hugging Face says the file's SHA-256 is
   * @param resumed whether bytes of an earlier run are in it
   */
  record Fetched(Optional<String> linkedSha256, boolean resumed) {}

  /**
   * Downloads until the part file is whole.
   *
   * @param what for the listener
   * @param expectedBytes the file's size where it is known for certain
   */
  Fetched fetch(
      URI address,
      PartFile part,
      String what,
      OptionalLong expectedBytes,
      ProgressListener listener)
      throws DownloadException, InterruptedException {
    boolean resumed = part.length() > 0;
    boolean answered = false;
    int failures = 0;
    while (true) {
      long before = part.length();
      Optional<String> retryAfter = Optional.empty();
      String problem;
      try (Transfer transfer = request(address, part)) {
        answered = true;
        if (!RETRYABLE.contains(transfer.answer.status())) {
          transfer.run(part, what, expectedBytes, listener);
          return new Fetched(transfer.answer.linkedSha256(), resumed);
        }
        retryAfter = transfer.answer.header("Retry-After");
        problem = "it answered with status " + transfer.answer.status();
      } catch (IOException e) {
        problem = describe(e);
      }
      failures = part.length() > before ? 1 : failures + 1;
      if (failures >= (answered ? retries.attempts() : retries.connectAttempts())) {
        throw new DownloadException(
            DownloadException.Kind.UNREACHABLE,
            address.getHost() + " cannot be reached or fails (" + problem + ")");
      }
      Duration delay = retries.delay(failures, retryAfter, Instant.now());
      listener.note("Trying again in " + Math.max(1, delay.toSeconds()) + " s, because " + problem);
      sleeper.sleep(delay);
    }
  }

  /** The .gguf files in a repository. */
  List<String> list(URI address) throws DownloadException, InterruptedException {
    int failures = 0;
    while (true) {
      Optional<String> retryAfter = Optional.empty();
      String problem;
      try (Transfer transfer = new Transfer(address, http.get(address, Map.of()))) {
        HttpExchange.Answer answer = transfer.answer;
        if (answer.status() == 200) {
          byte[] body = answer.response().body().readAll(MAX_LIST_BYTES, retries.stallTimeout());
          return HuggingFace.readList(body);
        }
        if (!RETRYABLE.contains(answer.status())) {
          throw refused(address, answer.status());
        }
        retryAfter = answer.header("Retry-After");
        problem = "it answered with status " + answer.status();
      } catch (IOException e) {
        problem = describe(e);
      }
      if (++failures >= retries.connectAttempts()) {
        throw new DownloadException(
            DownloadException.Kind.UNREACHABLE,
            address.getHost() + " cannot be reached or fails (" + problem + ")");
      }
      sleeper.sleep(retries.delay(failures, retryAfter, Instant.now()));
    }
  }

  private Transfer request(URI address, PartFile part) throws IOException, InterruptedException {
    Map<String, String> headers = new HashMap<>();
    // Compressed bytes could not be continued or compared.
    headers.put("Accept-Encoding", "identity");
    if (part.length() > 0) {
      headers.put("Range", "bytes=" + part.length() + "-");
      part.validator()
          .flatMap(Validators::ifRange)
          .ifPresent(etag -> headers.put("If-Range", etag));
    }
    return new Transfer(address, http.get(address, headers));
  }

  private DownloadException refused(URI address, int status) {
    String reason =
        switch (status) {
          case 401, 403 ->
              hasToken.test(address)
                  ? "does not let the token in "
                      + HuggingFace.TOKEN_VARIABLE
                      + " read it; accept the model's terms there, or use another token"
                  : "wants to know who is asking; set "
                      + HuggingFace.TOKEN_VARIABLE
                      + " to an access token";
          case 404 ->
              "has no such file, it was moved or renamed there; falaj model list shows other models";
          default -> "answered with status " + status + "; try again later";
        };
    return new DownloadException(
        DownloadException.Kind.REFUSED,
        address.getHost() + address.getPath() + ": the host " + reason);
  }

  /** One answer and its body. */
  private final class Transfer implements AutoCloseable {
    private final URI address;
    private final HttpExchange.Answer answer;

    Transfer(URI address, HttpExchange.Answer answer) {
      this.address = address;
      this.answer = answer;
    }

    void run(PartFile part, String what, OptionalLong expectedBytes, ProgressListener listener)
        throws DownloadException, IOException, InterruptedException {
      Optional<String> validator = Validators.of(answer);
      OptionalLong total =
          switch (answer.status()) {
            case 200 -> {
              local(() -> part.restart(validator));
              yield answer.response().headers().firstValueAsLong("Content-Length");
            }
            case 206 -> totalOfRange(part, validator);
            case 416 -> totalOfWholeFile(part, validator);
            default -> throw refused(address, answer.status());
          };
      if (total.isPresent() && expectedBytes.isPresent() && !total.equals(expectedBytes)) {
        throw new DownloadException(
            DownloadException.Kind.REFUSED,
            address.getHost()
                + " has a file of "
                + total.getAsLong()
                + " bytes and not of "
                + expectedBytes.getAsLong()
                + "; check proxies and mirrors on the way");
      }
      if (total.isPresent()) {
        disk.require(part.path(), total.getAsLong() - part.length());
      }
      listener.started(what, total);
      listener.progressed(part.length());
      if (answer.status() != 416) {
        copy(part, total, listener);
      }
      listener.finished();
    }

    private OptionalLong totalOfRange(PartFile part, Optional<String> validator)
        throws DownloadException, IOException {
      Matcher range = CONTENT_RANGE.matcher(answer.header("Content-Range").orElse(""));
      boolean continues =
          range.matches()
              && Long.parseLong(range.group(1)) == part.length()
              && part.validator().isPresent()
              && part.validator().equals(validator);
      if (!continues) {
        throw startOver(part);
      }
      return OptionalLong.of(Long.parseLong(range.group(2)));
    }

    /** "Range not satisfiable": an earlier run stopped just before it would have been done. */
    private OptionalLong totalOfWholeFile(PartFile part, Optional<String> validator)
        throws DownloadException, IOException {
      Matcher range = UNSATISFIED_RANGE.matcher(answer.header("Content-Range").orElse(""));
      boolean whole =
          range.matches()
              && Long.parseLong(range.group(1)) == part.length()
              && part.validator().isPresent()
              && part.validator().equals(validator);
      if (!whole) {
        throw startOver(part);
      }
      return OptionalLong.of(part.length());
    }

    private IOException startOver(PartFile part) throws DownloadException {
      local(() -> part.restart(Optional.empty()));
      return new IOException("the file there is not the one that was begun");
    }

    private void copy(PartFile part, OptionalLong total, ProgressListener listener)
        throws DownloadException, IOException, InterruptedException {
      ResponseBody body = answer.response().body();
      for (Optional<List<ByteBuffer>> chunk = body.next(retries.stallTimeout());
          chunk.isPresent();
          chunk = body.next(retries.stallTimeout())) {
        for (ByteBuffer bytes : chunk.get()) {
          local(() -> part.append(bytes));
        }
        listener.progressed(part.length());
      }
      if (total.isPresent() && part.length() != total.getAsLong()) {
        throw new IOException(
            "the connection ended after " + part.length() + " of " + total.getAsLong() + " bytes");
      }
    }

    @Override
    public void close() {
      answer.response().body().close();
    }
  }

  private interface DiskAction {
    void run() throws IOException;
  }

  /** Trouble with the disk must not look like trouble with the network. */
  private static void local(DiskAction action) throws DownloadException {
    try {
      action.run();
    } catch (IOException e) {
      throw new DownloadException(
          DownloadException.Kind.LOCAL,
          "the file cannot be written (" + e + "); free disk space",
          e);
    }
  }

  private static String describe(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return "its name cannot be resolved";
      }
    }
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  /**
   * Says whether two answers are about the same bytes: Hugging Face's own entity tag of the file
   * where there is one, which outlives a change of storage, and otherwise a strong {@code ETag}.
   */
  private static final class Validators {
    private static final String LINKED = "linked ";
    private static final String ETAG = "etag ";

    static Optional<String> of(HttpExchange.Answer answer) {
      return answer
          .linkedEtag()
          .map(etag -> LINKED + etag)
          .or(
              () ->
                  answer
                      .header("ETag")
                      .filter(etag -> etag.startsWith("\""))
                      .map(etag -> ETAG + etag));
    }

    static Optional<String> ifRange(String validator) {
      return validator.startsWith(ETAG)
          ? Optional.of(validator.substring(ETAG.length()))
          : Optional.empty();
    }
  }
}

package ai.falaj.runtime.remote;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.remote.http.HttpExchanges;
import ai.falaj.runtime.remote.http.HttpListener;
import ai.falaj.runtime.remote.http.SseParser;
import ai.falaj.runtime.remote.limits.RateHeaders;
import ai.falaj.runtime.remote.protocol.AnswerSink;
import ai.falaj.runtime.remote.protocol.ServerErrors;
import ai.falaj.runtime.remote.protocol.StreamDecoder;
import ai.falaj.runtime.remote.protocol.WireException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One request to the server and its answer. Confined to the runtime's thread.
 *
 * <p>It is SENT, then ANSWERING from its first token on, then over: complete, failed or closed. A
 * response that ends before every sample has said why has failed, however orderly it ends. After
 * {@link #close()} it tells nothing more.
 */
final class RemoteStream implements HttpListener, AnswerSink {

  /** What a stream tells of itself. */
  interface Owner {

    /** The server's headers came, whatever its answer. */
    void onHeaders(RemoteStream stream, HttpHeaders headers);

    void onPiece(
        RemoteStream stream,
        int sample,
        int tokens,
        String reasoning,
        String text,
        List<TokenLogprob> logprobs);

    void onToolCallPart(
        RemoteStream stream, int sample, int index, String id, String name, String arguments);

    void onSampleEnd(RemoteStream stream, int sample, FinishReason reason);

    /** Everything that was asked for came. */
    void onComplete(RemoteStream stream);

    void onFailed(RemoteStream stream, WireException failure);
  }

  private static final int HTTP_OK = 200;
  private static final int MAX_ERROR_BYTES = 64 << 10;
  private static final Usage NOTHING = new Usage(0, 0, 0, 0);

  /** Index in the generation of the stream's first sample. */
  final int firstSample;

  /** Samples that it brings. */
  final int samples;

  /** Whether the breaker waits for what becomes of it. */
  final boolean probe;

  final long estimatedTokens;
  final long sentAtNanos;

  private final Owner owner;
  private final String endpoint;
  private final StreamDecoder decoder;
  private final boolean resumed;
  private final SseParser events = new SseParser(this::onEvent);
  private HttpExchanges.Exchange exchange;
  private int status;
  private Optional<Duration> retryAfter = Optional.empty();
  private final ByteArrayOutputStream errorBody = new ByteArrayOutputStream();
  private Usage usage = NOTHING;
  private int ended;
  private int pieces;
  private long lastBytesNanos;
  private boolean over;

  RemoteStream(
      Owner owner,
      String endpoint,
      StreamDecoder decoder,
      int firstSample,
      int samples,
      boolean resumed,
      boolean probe,
      long estimatedTokens,
      long nowNanos) {
    this.owner = owner;
    this.endpoint = endpoint;
    this.decoder = decoder;
    this.firstSample = firstSample;
    this.samples = samples;
    this.resumed = resumed;
    this.probe = probe;
    this.estimatedTokens = estimatedTokens;
    this.sentAtNanos = nowNanos;
    this.lastBytesNanos = nowNanos;
  }

  void sent(HttpExchanges.Exchange newExchange) {
    exchange = newExchange;
    if (over) {
      exchange.cancel();
    }
  }

  /** Ends it, and the connection. Calling it again does nothing. */
  void close() {
    over = true;
    if (exchange != null) {
      exchange.cancel();
    }
  }

  boolean isOver() {
    return over;
  }

  /** Whether what it is telling is the first that it tells. */
  boolean isFirstPiece() {
    return pieces == 1;
  }

  /** Whether any byte of a response came; before it, the server may not have seen the request. */
  boolean hasResponse() {
    return status != 0;
  }

  /** What the server counted so far. */
  Usage usage() {
    return usage;
  }

  long lastBytesNanos() {
    return lastBytesNanos;
  }

  @Override
  public void onResponse(int newStatus, HttpHeaders headers) {
    if (over) {
      return;
    }
    status = newStatus;
    lastBytesNanos = System.nanoTime();
    retryAfter = RateHeaders.retryAfter(headers::firstValue, Instant.now());
    owner.onHeaders(this, headers);
  }

  @Override
  public void onBytes(List<ByteBuffer> buffers) {
    lastBytesNanos = System.nanoTime();
    for (ByteBuffer buffer : buffers) {
      if (over) {
        return;
      }
      if (status == HTTP_OK) {
        readEvents(buffer);
      } else {
        keepError(buffer);
      }
    }
  }

  private void readEvents(ByteBuffer buffer) {
    try {
      events.accept(buffer);
    } catch (SseParser.LineTooLongException e) {
      fail(RuntimeErrorCode.ENGINE_FAILURE, endpoint + ": " + e.getMessage());
    }
  }

  private void keepError(ByteBuffer buffer) {
    int room = Math.min(buffer.remaining(), MAX_ERROR_BYTES - errorBody.size());
    byte[] bytes = new byte[room];
    buffer.get(bytes);
    errorBody.writeBytes(bytes);
  }

  @Override
  public void onEnd() {
    if (over) {
      return;
    }
    if (status != HTTP_OK) {
      String body = errorBody.toString(StandardCharsets.UTF_8);
      fail(ServerErrors.ofStatus(status, body, retryAfter, resumed));
    } else if (ended == samples) {
      over = true;
      owner.onComplete(this);
    } else {
      fail(
          RuntimeErrorCode.ENGINE_FAILURE,
          "%s ended its answer after %d tokens without a finish reason"
              .formatted(endpoint, pieces));
    }
  }

  @Override
  public void onBroken(Throwable cause) {
    if (over) {
      return;
    }
    if (ended == samples && status == HTTP_OK) {
      over = true; // Everything came; how the connection ended is of no interest.
      owner.onComplete(this);
    } else {
      fail(RuntimeErrorCode.ENGINE_FAILURE, endpoint + ": " + describe(cause));
    }
  }

  /** No byte came for too long. */
  void onSilence(Duration limit) {
    exchange.cancel();
    if (!over && ended == samples && status == HTTP_OK) {
      over = true;
      owner.onComplete(this);
    } else {
      fail(RuntimeErrorCode.TIMEOUT, "%s sent nothing for %s".formatted(endpoint, limit));
    }
  }

  private void onEvent(SseParser.Event event) {
    if (over) {
      return;
    }
    try {
      decoder.accept(event, this);
    } catch (WireException failure) {
      fail(failure);
      exchange.cancel();
    }
  }

  @Override
  public void onPiece(
      int sample, int tokens, String reasoning, String text, List<TokenLogprob> logprobs) {
    if (isOurs(sample)) {
      pieces++;
      owner.onPiece(this, firstSample + sample, tokens, reasoning, text, logprobs);
    }
  }

  @Override
  public void onToolCallPart(int sample, int index, String id, String name, String arguments) {
    if (isOurs(sample)) {
      pieces++;
      owner.onToolCallPart(this, firstSample + sample, index, id, name, arguments);
    }
  }

  @Override
  public void onSampleEnd(int sample, FinishReason reason) {
    if (isOurs(sample)) {
      ended++;
      owner.onSampleEnd(this, firstSample + sample, reason);
    }
  }

  @Override
  public void onUsage(Usage newUsage) {
    usage = newUsage;
  }

  @Override
  public void onComplete() {
    if (over) {
      return;
    }
    if (ended < samples) {
      fail(
          RuntimeErrorCode.ENGINE_FAILURE,
          "%s ended its answer after %d tokens without a finish reason"
              .formatted(endpoint, pieces));
      exchange.cancel();
      return;
    }
    // Nobody waits for the end of the response, which lets the connection go back to the pool.
    over = true;
    owner.onComplete(this);
  }

  private boolean isOurs(int sample) {
    if (sample < 0 || sample >= samples) {
      fail(
          RuntimeErrorCode.ENGINE_FAILURE,
          "%s told of sample %d of %d".formatted(endpoint, sample, samples));
      return false;
    }
    return !over;
  }

  private void fail(RuntimeErrorCode code, String message) {
    fail(new WireException(code, message));
  }

  private void fail(WireException failure) {
    if (!over) {
      over = true;
      owner.onFailed(this, failure);
    }
  }

  /** In one line, and with what helps. */
  static String describe(Throwable cause) {
    if (cause instanceof HttpConnectTimeoutException) {
      return "no connection in time; check that the endpoint is reachable from the TaskManagers";
    }
    if (cause instanceof ConnectException) {
      return cause.getCause() instanceof UnresolvedAddressException
          ? "the host name is not known; check the base URL"
          : "nothing accepts connections there; check that the server runs, and the base URL";
    }
    if (cause instanceof javax.net.ssl.SSLException) {
      return "no secure connection: " + cause.getMessage();
    }
    if (cause instanceof IOException) {
      return "the connection broke: " + cause.getMessage();
    }
    return cause.toString();
  }
}

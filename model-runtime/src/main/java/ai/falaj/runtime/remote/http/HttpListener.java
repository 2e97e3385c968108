package ai.falaj.runtime.remote.http;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Hears of one exchange, on the executor that was given with it, in the order {@code onResponse?
 * onBytes* (onEnd | onBroken)}; nothing after the end, and nothing after it was cancelled.
 */
public interface HttpListener {

  void onResponse(int status, HttpHeaders headers);

  void onBytes(List<ByteBuffer> bytes);

  /** The response is complete. */
  void onEnd();

  /** There is no response, or no more of it. */
  void onBroken(Throwable cause);
}

package ai.falaj.benchmarks.remote;

import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.Script.Step;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An answer as vLLM streams it, each token when it is due since the request came: a token that was
 * sent late does not delay the ones after it. Confined to the server's thread.
 */
final class PacedAnswer implements Iterator<Step> {

  static final String WORD = " word";

  private static final byte[] HEAD = Script.streamHead();
  private static final byte[] TOKEN =
      event(
          """
          {"id":"chatcmpl-paced","object":"chat.completion.chunk","created":1795000000,\
          "model":"paced","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,\
          "finish_reason":null}]}""");

  private final RemoteLoad load;
  private final RequestMeter meter;
  private final long startNanos = System.nanoTime();
  private int sentTokens;
  private boolean headIsSent;
  private boolean paused;
  private boolean ended;

  PacedAnswer(RemoteLoad load, RequestMeter meter) {
    this.load = load;
    this.meter = meter;
    meter.began();
  }

  @Override
  public boolean hasNext() {
    return !ended;
  }

  @Override
  public Step next() {
    if (ended) {
      throw new NoSuchElementException("the answer is over");
    }
    if (!headIsSent) {
      headIsSent = true;
      return new Step.Send(HEAD);
    }
    if (!paused) {
      paused = true;
      return new Step.Pause(startNanos + load.dueNanos(sentTokens + 1) - System.nanoTime());
    }
    paused = false;
    sentTokens++;
    if (sentTokens < load.tokens()) {
      return new Step.Send(TOKEN);
    }
    ended = true;
    meter.ended();
    return new Step.Send(lastBytes());
  }

  private byte[] lastBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(TOKEN);
    bytes.writeBytes(
        event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}"));
    bytes.writeBytes(
        event(
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":%d}}"
                .formatted(load.tokens())));
    bytes.writeBytes(event("[DONE]"));
    bytes.writeBytes(Script.streamEnd());
    return bytes.toByteArray();
  }

  private static byte[] event(String data) {
    return Script.chunk(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
  }
}

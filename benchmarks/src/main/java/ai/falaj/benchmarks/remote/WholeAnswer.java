package ai.falaj.benchmarks.remote;

import ai.falaj.runtime.testing.http.Script;
import ai.falaj.runtime.testing.http.Script.Step;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An answer for who does not stream: all of it, when its last token is due since the request came.
 * Confined to the server's thread.
 */
final class WholeAnswer implements Iterator<Step> {

  private enum State {
    ASKED,
    WAITING,
    ENDED
  }

  private final RemoteLoad load;
  private final RequestMeter meter;
  private final long startNanos = System.nanoTime();
  private State state = State.ASKED;

  WholeAnswer(RemoteLoad load, RequestMeter meter) {
    this.load = load;
    this.meter = meter;
    meter.began();
  }

  @Override
  public boolean hasNext() {
    return state != State.ENDED;
  }

  @Override
  public Step next() {
    if (state == State.ASKED) {
      state = State.WAITING;
      return new Step.Pause(startNanos + load.dueNanos(load.tokens()) - System.nanoTime());
    }
    if (state == State.WAITING) {
      state = State.ENDED;
      meter.ended();
      return Script.response(200, body(load)).steps().next();
    }
    throw new NoSuchElementException("the answer is over");
  }

  private static String body(RemoteLoad load) {
    return """
        {"id":"chatcmpl-paced","object":"chat.completion","created":1795000000,"model":"paced",\
        "choices":[{"index":0,"message":{"role":"assistant","content":"%s","refusal":null},\
        "logprobs":null,"finish_reason":"length"}],\
        "usage":{"prompt_tokens":8,"completion_tokens":%d,"total_tokens":%d}}"""
        .formatted(load.answer(), load.tokens(), 8 + load.tokens());
  }
}

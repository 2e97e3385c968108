package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.remote.http.SseParser;

/** Reads the events of one answer. Confined to the thread of its stream. */
public interface StreamDecoder {

  /**
   * @throws WireException where the server reports an error, or says something that is none of its
   *     protocol
   */
  void accept(SseParser.Event event, AnswerSink sink) throws WireException;
}

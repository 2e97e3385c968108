package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.TokenLogprob;
import java.util.List;

/** Hears what a {@link StreamDecoder} reads, in order. */
public interface AnswerSink {

  /**
   * New text of a sample.
   *
   * @param tokens how many the server wrote for it, 1 where it does not say
   * @param reasoning empty where there is none
   * @param text empty where there is none; may hold the tags of {@link Reasoning#TAGS}
   */
  void onPiece(int sample, int tokens, String reasoning, String text, List<TokenLogprob> logprobs);

  /**
   * A part of a tool call.
   *
   * @param index which of the sample's calls
   * @param id empty but in its first part
   * @param name empty but in its first part
   * @param arguments what comes next of them
   */
  void onToolCallPart(int sample, int index, String id, String name, String arguments);

  /** A sample ended. */
  void onSampleEnd(int sample, FinishReason reason);

  /** What the server counted so far, of all samples of the stream. */
  void onUsage(Usage usage);

  /** The server said that nothing more comes. */
  void onComplete();
}

package ai.falaj.operators;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.TokenIds;
import java.util.ArrayList;
import java.util.List;

/**
 * The text of a sample whose engine does not show its tokens: what the next generation goes on
 * from. Of other engines it holds nothing. Confined to the task mailbox thread.
 *
 * <p>It is kept in two pieces, what chunks have sent and what they have not, because a generation
 * that resumes tells it piece by piece, and what was sent has to be passed over.
 */
final class ToldText {

  /** Text of one channel. */
  private record Run(Channel channel, StringBuilder text) {}

  /** Tokens with their text. */
  private static final class Piece {
    private int tokens;
    private final List<Run> runs = new ArrayList<>();

    void add(int count, List<TextSegment> text) {
      tokens += count;
      for (TextSegment segment : text) {
        Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last != null && last.channel() == segment.channel()) {
          last.text().append(segment.text());
        } else {
          runs.add(new Run(segment.channel(), new StringBuilder(segment.text())));
        }
      }
    }

    Resumption.Told told() {
      return new Resumption.Told(
          tokens,
          runs.stream().map(run -> new TextSegment(run.channel(), run.text().toString())).toList());
    }
  }

  private Piece sent = new Piece();
  private Piece unsent = new Piece();

  /**
   * Takes what the generation told.
   *
   * @param sentTokens tokens of the sample that chunks have sent
   */
  void add(TokenDelta delta, int sentTokens) {
    boolean shown = !delta.tokens().isEmpty() && delta.tokens().get(0) != TokenIds.UNKNOWN;
    boolean ofShown = delta.tokens().isEmpty() && sent.tokens + unsent.tokens == 0;
    if (shown || ofShown) {
      return;
    }
    if (unsent.tokens > 0 && sent.tokens + unsent.tokens <= sentTokens) {
      Resumption.Told now = unsent.told();
      sent.add(now.tokens(), now.text());
      unsent = new Piece();
    }
    unsent.add(delta.tokens().size(), delta.text());
  }

  void clear() {
    sent = new Piece();
    unsent = new Piece();
  }

  /** Both pieces, without an empty one. */
  List<Resumption.Told> told() {
    List<Resumption.Told> told = new ArrayList<>(2);
    if (sent.tokens > 0) {
      told.add(sent.told());
    }
    if (unsent.tokens > 0) {
      told.add(unsent.told());
    }
    return told;
  }
}

package ai.falaj.operators.serialization;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Text of tokens that are not shown, in checkpoints. Stateless. */
final class ToldTexts {

  private ToldTexts() {}

  static void write(List<Resumption.Told> told, DataOutputView target) throws IOException {
    target.writeInt(told.size());
    for (Resumption.Told piece : told) {
      target.writeInt(piece.tokens());
      target.writeInt(piece.text().size());
      for (TextSegment segment : piece.text()) {
        target.writeBoolean(segment.channel() == Channel.REASONING);
        Fields.writeText(segment.text(), target);
      }
    }
  }

  static List<Resumption.Told> read(DataInputView source) throws IOException {
    int pieces = source.readInt();
    List<Resumption.Told> told = new ArrayList<>(pieces);
    for (int i = 0; i < pieces; i++) {
      int tokens = source.readInt();
      int segments = source.readInt();
      List<TextSegment> text = new ArrayList<>(segments);
      for (int j = 0; j < segments; j++) {
        Channel channel = source.readBoolean() ? Channel.REASONING : Channel.ANSWER;
        text.add(new TextSegment(channel, Fields.readText(source)));
      }
      told.add(new Resumption.Told(tokens, text));
    }
    return told;
  }
}

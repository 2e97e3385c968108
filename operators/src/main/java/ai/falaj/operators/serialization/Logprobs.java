package ai.falaj.operators.serialization;

import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.TokenLogprob.Alternative;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How likely a token was, in checkpoints. Stateless. */
final class Logprobs {

  private Logprobs() {}

  static void write(TokenLogprob logprob, DataOutputView target) throws IOException {
    writeOne(logprob.token(), logprob.text(), logprob.logprob(), target);
    target.writeInt(logprob.top().size());
    for (Alternative top : logprob.top()) {
      writeOne(top.token(), top.text(), top.logprob(), target);
    }
  }

  static TokenLogprob read(DataInputView source) throws IOException {
    int token = source.readInt();
    String text = Fields.readText(source);
    float logprob = source.readFloat();
    int alternatives = source.readInt();
    List<Alternative> top = new ArrayList<>(alternatives);
    for (int i = 0; i < alternatives; i++) {
      top.add(new Alternative(source.readInt(), Fields.readText(source), source.readFloat()));
    }
    return new TokenLogprob(token, text, logprob, top);
  }

  private static void writeOne(int token, String text, float logprob, DataOutputView target)
      throws IOException {
    target.writeInt(token);
    Fields.writeText(text, target);
    target.writeFloat(logprob);
  }
}

package ai.falaj.operators;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;

/**
 * Says which prompts belong together: those with one record key, which is the key of a conversation
 * or of a single request, of its cancellation and of the answers to its tool calls. A record
 * without a key belongs to its request id, and one that cannot be read stands alone. The texts are
 * part of every savepoint of a keyed job: never change them.
 */
public final class PromptKeys implements KeySelector<PromptRecord, String> {

  private static final long serialVersionUID = 1L;

  public static final TypeInformation<String> TYPE = Types.STRING;

  @Override
  public String getKey(PromptRecord record) {
    return of(record);
  }

  static String of(PromptRecord record) {
    if (record.key().isPresent()) {
      // One character per byte: any bytes are a key.
      ByteBuffer bytes = record.key().get().duplicate();
      return "k:" + StandardCharsets.ISO_8859_1.decode(bytes);
    }
    if (record.content() instanceof PromptRecord.Request request) {
      return "r:" + request.request().getRequestId();
    }
    if (record.content() instanceof PromptRecord.ToolAnswer answer) {
      return "r:" + answer.response().getRequestId();
    }
    return "o:" + record.origin();
  }
}

package ai.falaj.operators;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;

/**
 * Says which prompts are equal, for {@link AnswerReuse}: those with one request id, whatever key
 * their records have. A record that holds no request stands alone.
 *
 * <p>The key is a hash, as a checkpoint writes every key and Flink writes texts character by
 * character. Two ids may share one, though hardly ever: whoever keeps something under a key says
 * whose it is. The numbers are part of every savepoint of a job that reuses answers: never change
 * them.
 */
public final class RequestKeys implements KeySelector<PromptRecord, Long> {

  private static final long serialVersionUID = 1L;

  public static final TypeInformation<Long> TYPE = Types.LONG;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  @Override
  public Long getKey(PromptRecord record) {
    return of(record);
  }

  static Long of(PromptRecord record) {
    return record.content() instanceof PromptRecord.Request request
        ? hash(request.request().getRequestId())
        : hash(record.origin().toString());
  }

  /** FNV-1a over characters. */
  private static long hash(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }
}

package ai.falaj.operators;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers cancellations that came on another way than their requests ({@link BalancedPrompts}),
 * for requests that come after them and were written before. Confined to the task mailbox thread.
 *
 * <p>It keeps the newest {@value #MAX_REMEMBERED} only and is no state: a request that is overtaken
 * by more than these, or by its cancellation and a restore, is answered in full.
 */
final class OvertakingCancellations {

  static final int MAX_REMEMBERED = 10_000;

  private record Place(ByteBuffer key, String topic, int partition) {}

  private final Map<Place, Long> offsets =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Long> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /** Takes a cancellation with a key; one that cannot overtake is not remembered. */
  void add(PromptRecord cancellation) {
    if (cancellation.content() instanceof PromptRecord.Cancellation content
        && content.copy().isPresent()) {
      offsets.merge(place(cancellation), cancellation.origin().offset(), Math::max);
    }
  }

  /** Whether a cancellation of this request came before it. */
  boolean cancel(PromptRecord request) {
    if (offsets.isEmpty() || request.key().isEmpty()) {
      return false;
    }
    Long offset = offsets.get(place(request));
    return offset != null && request.origin().offset() < offset;
  }

  private static Place place(PromptRecord record) {
    return new Place(
        record.key().orElseThrow(), record.origin().topic(), record.origin().partition());
  }
}

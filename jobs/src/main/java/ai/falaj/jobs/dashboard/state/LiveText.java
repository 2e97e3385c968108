package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.ChunkBatchView.Entry;
import ai.falaj.jobs.dashboard.view.ChunkBatchView.Lengths;
import ai.falaj.jobs.dashboard.view.ChunkBatchView.Texts;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.FinishReason;
import java.util.List;
import java.util.Optional;

/**
 * The text of one sample while it is written, and what of it pages have not been told yet. Not
 * thread-safe.
 *
 * <p>What is told are differences: where both channels are cut, and what comes there. Appending,
 * which is nearly all that happens, costs what is appended; an attempt that replaces text makes the
 * difference anew from the whole text.
 */
final class LiveText {

  private final String shownId;
  private final int sample;
  private final boolean visible;
  private final ChunkAssembler assembler;
  private final StringBuilder newAnswer = new StringBuilder();
  private final StringBuilder newReasoning = new StringBuilder();
  private int answerAt;
  private int reasoningAt;
  private int reasoningTokens;
  private boolean changed;

  /**
   * @param requestId as chunks have it
   * @param shownId as pages have it
   */
  LiveText(String requestId, String shownId, int sample, boolean visible) {
    this.shownId = shownId;
    this.sample = sample;
    this.visible = visible;
    this.assembler = new ChunkAssembler(requestId, sample);
  }

  /**
   * Takes a chunk of this request and sample.
   *
   * @return whether it changed what is shown
   */
  boolean add(CompletionChunk chunk) {
    ChunkAssembler.Update update = assembler.add(chunk);
    if (update.isNothing()) {
      return false;
    }
    changed = true;
    if (update.dropped() == 0) {
      update.appended().forEach(this::append);
    } else {
      replace(update.appended());
    }
    return true;
  }

  private void append(CompletionChunk chunk) {
    boolean isReasoning = chunk.getChannel() == Channel.REASONING;
    (isReasoning ? newReasoning : newAnswer).append(chunk.getText());
    reasoningTokens += isReasoning ? chunk.getTokenCount() : 0;
  }

  private void replace(List<CompletionChunk> appended) {
    String answer = assembler.answer();
    String reasoning = assembler.reasoning();
    answerAt = Math.min(answerAt, answer.length() - characters(appended, Channel.ANSWER));
    reasoningAt =
        Math.min(reasoningAt, reasoning.length() - characters(appended, Channel.REASONING));
    newAnswer.setLength(0);
    newAnswer.append(answer, answerAt, answer.length());
    newReasoning.setLength(0);
    newReasoning.append(reasoning, reasoningAt, reasoning.length());
    reasoningTokens =
        assembler.chunks().stream()
            .filter(chunk -> chunk.getChannel() == Channel.REASONING)
            .mapToInt(CompletionChunk::getTokenCount)
            .sum();
  }

  private static int characters(List<CompletionChunk> chunks, Channel channel) {
    return chunks.stream()
        .filter(chunk -> chunk.getChannel() == channel)
        .mapToInt(chunk -> chunk.getText().length())
        .sum();
  }

  /** What changed since the last call; empty where nothing did. */
  Optional<Entry> takeChange() {
    if (!changed) {
      return Optional.empty();
    }
    Entry entry =
        new Entry(
            shownId,
            sample,
            visible ? new Lengths(answerAt, reasoningAt) : null,
            visible ? new Texts(newAnswer.toString(), newReasoning.toString()) : null,
            assembler.tokens(),
            reasoningTokens,
            channel(),
            finishReason().map(FinishReason::name).orElse(null));
    answerAt += newAnswer.length();
    reasoningAt += newReasoning.length();
    newAnswer.setLength(0);
    newReasoning.setLength(0);
    changed = false;
    return Optional.of(entry);
  }

  private String channel() {
    List<CompletionChunk> chunks = assembler.chunks();
    return chunks.isEmpty() ? null : chunks.get(chunks.size() - 1).getChannel().name();
  }

  StoredText answer() {
    return StoredText.of(assembler.answer(), visible);
  }

  StoredText reasoning() {
    return StoredText.of(assembler.reasoning(), visible);
  }

  int tokens() {
    return assembler.tokens();
  }

  int reasoningTokens() {
    return reasoningTokens;
  }

  Optional<FinishReason> finishReason() {
    return assembler.finishReason();
  }
}

package ai.falaj.jobs.chaos;

import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.CompletionSample;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What was sent, and everything that was read of it afterwards, from the beginning of each topic.
 * Order does not matter. Not thread-safe.
 *
 * <p>A prompt counts as sent when the broker acknowledged it or when it is in the topic: one whose
 * acknowledgement was lost may be there all the same, and then it must be answered.
 */
final class Ledger {

  private final Map<String, Account> accounts = new TreeMap<>();
  private final Map<String, Integer> unknown = new TreeMap<>();

  /** All that is known of one prompt. */
  private static final class Account {
    final ExpectedResult expected;
    final List<Completion> completions = new ArrayList<>();
    final CompletionAssembler text;
    final Set<ChunkPlace> chunks = new HashSet<>();
    boolean acknowledged;
    int timesInTopic;
    int deadLetters;
    boolean strangeChunk;
    long generatedTokens;

    Account(ExpectedResult expected) {
      this.expected = expected;
      this.text = new CompletionAssembler(expected.requestId(), expected.samples());
    }

    boolean isSent() {
      return acknowledged || timesInTopic > 0;
    }

    int results() {
      return completions.size() + deadLetters;
    }

    boolean isWrong() {
      boolean refused = expected.fate() == ExpectedResult.Fate.REFUSED;
      return (deadLetters > 0 && !refused) || !completions.stream().allMatch(expected::allows);
    }

    boolean isInconsistent() {
      return strangeChunk || !completions.stream().allMatch(this::isTextOf);
    }

    private boolean isTextOf(Completion completion) {
      if (completion.getSamples().isEmpty()) {
        ChunkAssembler only = text.sample(0);
        return text.samples() == 1
            && only.answer().equals(completion.getAnswer())
            && only.reasoning().equals(Objects.toString(completion.getReasoning(), ""))
            && only.finishReason().filter(completion.getFinishReason()::equals).isPresent()
            && only.tokens() == completion.getUsage().getCompletionTokens();
      }
      return completion.getSamples().size() == text.samples()
          && completion.getSamples().stream().allMatch(this::isTextOf);
    }

    private boolean isTextOf(CompletionSample sample) {
      ChunkAssembler chunksOfIt = text.sample(sample.getIndex());
      return chunksOfIt.answer().equals(sample.getAnswer())
          && chunksOfIt.reasoning().equals(Objects.toString(sample.getReasoning(), ""))
          && chunksOfIt.finishReason().filter(sample.getFinishReason()::equals).isPresent()
          && chunksOfIt.tokens() == sample.getCompletionTokens();
    }
  }

  /** A chunk that comes twice with the same place was sent twice, not generated twice. */
  private record ChunkPlace(int sample, int attempt, int sequence) {}

  /** A prompt that is about to be sent. */
  void expect(ExpectedResult expected) {
    if (accounts.putIfAbsent(expected.requestId(), new Account(expected)) != null) {
      throw new IllegalArgumentException("expected twice: " + expected.requestId());
    }
  }

  /** The broker has that prompt. */
  void acknowledged(String requestId) {
    accounts.get(requestId).acknowledged = true;
  }

  /** A prompt was read from the prompt topic. */
  void prompt(String requestId) {
    Account account = accounts.get(requestId);
    if (account == null) {
      unknown.merge(requestId, 1, Integer::sum);
    } else {
      account.timesInTopic++;
    }
  }

  void completion(Completion completion) {
    Account account = accounts.get(completion.getRequestId());
    if (account == null) {
      unknown.merge(completion.getRequestId(), 1, Integer::sum);
    } else {
      account.completions.add(completion);
    }
  }

  /**
   * @param requestId as far as the dead letter or its key tells
   */
  void deadLetter(String requestId) {
    Account account = accounts.get(requestId);
    if (account == null) {
      unknown.merge(requestId, 1, Integer::sum);
    } else {
      account.deadLetters++;
    }
  }

  void chunk(CompletionChunk chunk) {
    Account account = accounts.get(chunk.getRequestId());
    if (account == null) {
      unknown.merge(chunk.getRequestId(), 1, Integer::sum);
      return;
    }
    if (chunk.getSample() < 0 || chunk.getSample() >= account.text.samples()) {
      account.strangeChunk = true;
      return;
    }
    account.text.add(chunk);
    ChunkPlace place = new ChunkPlace(chunk.getSample(), chunk.getAttempt(), chunk.getSequence());
    if (account.chunks.add(place)) {
      account.generatedTokens += chunk.getTokenCount();
    }
  }

  /** Adds everything up. */
  LedgerBalance balance() {
    long generated = accounts.values().stream().mapToLong(a -> a.generatedTokens).sum();
    long shown = accounts.values().stream().mapToLong(a -> a.text.tokens()).sum();
    return new LedgerBalance(
        ids(Account::isSent).size(),
        ids(a -> !a.completions.isEmpty()).size(),
        ids(a -> a.deadLetters > 0).size(),
        generated,
        generated - shown,
        ids(a -> a.isSent() && a.results() == 0),
        ids(a -> a.results() > 1),
        ids(a -> a.isInconsistent()),
        ids(a -> a.isWrong()),
        ids(a -> a.timesInTopic > 1 || (a.acknowledged && a.timesInTopic == 0)),
        List.copyOf(unknown.keySet()));
  }

  private List<String> ids(Predicate<Account> which) {
    return accounts.values().stream()
        .filter(which)
        .map(account -> account.expected.requestId())
        .toList();
  }
}

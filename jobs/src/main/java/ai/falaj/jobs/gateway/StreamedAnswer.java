package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.EventFrame;
import ai.falaj.jobs.web.EventStream;
import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.FinishReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * An answer that is wanted piece by piece. A client cannot be told to forget words, so it is sent
 * only what stands: text goes out as soon as it is there; where a later attempt writes other words
 * over those that went out, the stream ends with an error. Nearly always it writes the same ones,
 * as attempts go on from a checkpoint's tokens or repeat them with the same seed.
 *
 * <p>States: WAITING until the first piece or failure ({@link #begun}), STREAMING, ENDED. Any
 * thread; its monitor guards all of it and is not held when {@code wake} is called.
 */
final class StreamedAnswer implements ResultListener, EventStream.Source {

  private static final byte[] DONE = EventFrame.data("[DONE]".getBytes(StandardCharsets.US_ASCII));

  private final ChatJson json;
  private final boolean includeUsage;
  private final ChunkAssembler assembler;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Deque<byte[]> frames = new ArrayDeque<>();
  private final StringBuilder sentAnswer = new StringBuilder();
  private final StringBuilder sentReasoning = new StringBuilder();

  /** Whether what was sent is all that the chunks make. */
  private boolean isLevel = true;

  private boolean finishSent;
  private boolean last;
  private volatile Runnable wake = () -> {};

  StreamedAnswer(ChatJson json, boolean includeUsage) {
    this.json = json;
    this.includeUsage = includeUsage;
    this.assembler = new ChunkAssembler(json.id());
  }

  /** Who is told that there is something to send. */
  void onNews(Runnable action) {
    wake = action;
  }

  /**
   * Completes when the answer's status is known: with the first piece, or with a {@link
   * WebException} where there is none.
   */
  CompletableFuture<Void> begun() {
    return begun;
  }

  /** Completes when nothing comes any more. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  @Override
  public void chunk(CompletionChunk chunk) {
    if (chunk.getSample() == 0) {
      change(() -> add(chunk));
    }
  }

  private void add(CompletionChunk chunk) {
    ChunkAssembler.Update update = assembler.add(chunk);
    if (isLevel && update.dropped() == 0) {
      update.appended().forEach(this::append);
    } else {
      catchUp(assembler.reasoning(), assembler.answer());
    }
    if (!last) {
      assembler.finishReason().ifPresent(this::finish);
    }
  }

  private void append(CompletionChunk chunk) {
    if (chunk.getChannel() == Channel.REASONING) {
      send(chunk.getText(), "");
    } else {
      send("", chunk.getText());
    }
  }

  @Override
  public void completed(Completion completion) {
    change(
        () -> {
          String reasoning = completion.getReasoning();
          catchUp(reasoning == null ? "" : reasoning, completion.getAnswer());
          if (!last) {
            finish(completion.getFinishReason());
          }
          if (!last) {
            frames.add(EventFrame.data(json.usagePiece(completion.getUsage())));
            end(DONE);
          }
        });
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    failed(Failures.of(letter));
  }

  @Override
  public void failed(WebException reason) {
    if (begun.completeExceptionally(reason)) {
      synchronized (this) {
        last = true;
      }
      ended.complete(null);
    } else {
      change(() -> end(EventFrame.data(reason.body())));
    }
  }

  /** Shows proxies and clients that the connection lives; begins the stream if nothing has. */
  void heartbeat() {
    change(
        () -> {
          if (frames.isEmpty()) {
            frames.add(EventFrame.comment("waiting"));
          }
        });
  }

  private void change(Runnable action) {
    boolean over;
    synchronized (this) {
      if (last) {
        return;
      }
      action.run();
      over = last;
    }
    begun.complete(null);
    wake.run();
    if (over) {
      ended.complete(null);
    }
  }

  /** Sends what text has beyond what was sent; ends the stream where they contradict each other. */
  private void catchUp(String reasoning, String answer) {
    if (!continues(sentReasoning, reasoning) || !continues(sentAnswer, answer)) {
      end(EventFrame.data(Failures.restarted().body()));
      return;
    }
    send(
        reasoning.substring(Math.min(sentReasoning.length(), reasoning.length())),
        answer.substring(Math.min(sentAnswer.length(), answer.length())));
    isLevel =
        sentReasoning.length() == reasoning.length() && sentAnswer.length() == answer.length();
  }

  /** A later attempt may for a while have less text than was sent, but no other. */
  private static boolean continues(StringBuilder sent, String text) {
    int common = Math.min(sent.length(), text.length());
    return sent.substring(0, common).equals(text.substring(0, common));
  }

  private void send(String reasoning, String answer) {
    if (reasoning.isEmpty() && answer.isEmpty()) {
      return;
    }
    if (sentReasoning.isEmpty() && sentAnswer.isEmpty()) {
      frames.add(EventFrame.data(json.role()));
    }
    if (!reasoning.isEmpty()) {
      sentReasoning.append(reasoning);
      frames.add(EventFrame.data(json.reasoning(reasoning)));
    }
    if (!answer.isEmpty()) {
      sentAnswer.append(answer);
      frames.add(EventFrame.data(json.answer(answer)));
    }
  }

  private void finish(FinishReason reason) {
    if (!isLevel) {
      end(EventFrame.data(Failures.restarted().body())); // It ended with less than was sent.
      return;
    }
    if (finishSent) {
      return;
    }
    finishSent = true;
    frames.add(EventFrame.data(json.finish(reason)));
    if (!includeUsage) {
      end(DONE);
    }
  }

  private void end(byte[] frame) {
    if (!last) {
      last = true;
      frames.add(frame);
    }
  }

  @Override
  public synchronized Optional<byte[]> next() {
    return Optional.ofNullable(frames.poll());
  }

  @Override
  public synchronized boolean isEnded() {
    return last && frames.isEmpty();
  }
}

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
 * <p>Text waits as text until the connection takes it, so a slow client has fewer and longer pieces
 * and costs no more than the text.
 *
 * <p>States: WAITING until the first piece or failure ({@link #begun}), STREAMING, ENDED. Any
 * thread; its monitor guards all of it and is not held when {@code wake} is called or a future is
 * completed.
 */
final class StreamedAnswer implements ResultListener, EventStream.Source {

  private static final byte[] DONE = EventFrame.data("[DONE]".getBytes(StandardCharsets.US_ASCII));

  private final ChatJson json;
  private final boolean includeUsage;
  private final ChunkAssembler assembler;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final StringBuilder sentAnswer = new StringBuilder();
  private final StringBuilder sentReasoning = new StringBuilder();

  /** Whether what was sent is all that the chunks make. */
  private boolean isLevel = true;

  private boolean streaming;
  private boolean finishSent;
  private boolean last;

  /** Code of the error that ended it; null where none did. */
  private String failure;

  private volatile Runnable wake = () -> {};

  /** What is to be sent. */
  private sealed interface Piece {

    record Frame(byte[] bytes) implements Piece {}

    /** Grows until it is sent. */
    record Text(Channel channel, StringBuilder text) implements Piece {}
  }

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
    send(chunk.getChannel(), chunk.getText());
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
            add(EventFrame.data(json.usagePiece(completion.getUsage())));
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
    synchronized (this) {
      if (last) {
        return;
      }
      fail(reason);
      if (!streaming) {
        pieces.clear(); // Its status tells it.
      }
    }
    // First, so that whoever sees the answer's end knows that it was no client that left.
    ended.complete(null);
    begun.completeExceptionally(reason);
    wake.run();
  }

  /** How it went, for the log. */
  synchronized String outcome() {
    return failure != null ? failure : last && pieces.isEmpty() ? "answered" : "left";
  }

  /** Shows proxies and clients that the connection lives; begins the stream if nothing has. */
  void heartbeat() {
    change(
        () -> {
          if (pieces.isEmpty()) {
            add(EventFrame.comment("waiting"));
          }
        });
  }

  private void change(Runnable action) {
    boolean over;
    synchronized (this) {
      if (last) {
        return;
      }
      streaming = true;
      action.run();
      over = last;
    }
    if (over) {
      ended.complete(null);
    }
    begun.complete(null);
    wake.run();
  }

  /** Sends what text has beyond what was sent; ends the stream where they contradict each other. */
  private void catchUp(String reasoning, String answer) {
    if (!continues(sentReasoning, reasoning) || !continues(sentAnswer, answer)) {
      fail(Failures.restarted());
      return;
    }
    send(
        Channel.REASONING,
        reasoning.substring(Math.min(sentReasoning.length(), reasoning.length())));
    send(Channel.ANSWER, answer.substring(Math.min(sentAnswer.length(), answer.length())));
    isLevel =
        sentReasoning.length() == reasoning.length() && sentAnswer.length() == answer.length();
  }

  /** A later attempt may for a while have less text than was sent, but no other. */
  private static boolean continues(StringBuilder sent, String text) {
    int common = Math.min(sent.length(), text.length());
    return sent.substring(0, common).equals(text.substring(0, common));
  }

  private void send(Channel channel, String text) {
    if (text.isEmpty()) {
      return;
    }
    if (sentReasoning.isEmpty() && sentAnswer.isEmpty()) {
      add(EventFrame.data(json.role()));
    }
    (channel == Channel.REASONING ? sentReasoning : sentAnswer).append(text);
    if (pieces.peekLast() instanceof Piece.Text waiting && waiting.channel() == channel) {
      waiting.text().append(text);
    } else {
      pieces.add(new Piece.Text(channel, new StringBuilder(text)));
    }
  }

  private void add(byte[] frame) {
    pieces.add(new Piece.Frame(frame));
  }

  private void finish(FinishReason reason) {
    if (!isLevel) {
      fail(Failures.restarted()); // It ended with less than was sent.
      return;
    }
    if (reason == FinishReason.CANCELLED) {
      fail(Failures.cancelled());
      return;
    }
    if (finishSent) {
      return;
    }
    finishSent = true;
    add(EventFrame.data(json.finish(reason)));
    if (!includeUsage) {
      end(DONE);
    }
  }

  private void fail(WebException reason) {
    if (!last) {
      failure = reason.code();
      end(EventFrame.data(reason.body()));
    }
  }

  private void end(byte[] frame) {
    if (!last) {
      last = true;
      add(frame);
    }
  }

  @Override
  public synchronized Optional<byte[]> next() {
    Piece piece = pieces.poll();
    if (piece instanceof Piece.Text text) {
      return Optional.of(EventFrame.data(json.text(text.channel(), text.text().toString())));
    }
    return Optional.ofNullable((Piece.Frame) piece).map(Piece.Frame::bytes);
  }

  @Override
  public synchronized boolean isEnded() {
    return last && pieces.isEmpty();
  }
}

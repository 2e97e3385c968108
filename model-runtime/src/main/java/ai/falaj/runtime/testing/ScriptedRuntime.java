package ai.falaj.runtime.testing;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationHandle;
import ai.falaj.runtime.GenerationListener;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeStats;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A runtime that a test tells what to answer, request by request, whatever shape was asked for; it
 * keeps what it was asked. Each word is a token; a request has one sample. Interrupted generations
 * start over. Listeners are called on its one thread. Any thread.
 */
public final class ScriptedRuntime implements ModelRuntime {

  private static final int PROMPT_TOKENS = 10;
  private static final int CONTEXT_TOKENS = 4_096;

  private final String model;
  private final ScriptedRuntimeSpec.Script script;
  private final ScheduledExecutorService thread;
  private final Set<Generation> running = ConcurrentHashMap.newKeySet();

  ScriptedRuntime(String model, ScriptedRuntimeSpec.Script script) {
    this.model = model;
    this.script = script;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "falaj-scripted-runtime-" + model);
              made.setDaemon(true);
              return made;
            });
  }

  @Override
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener)
      throws GenerationException {
    Generation generation = new Generation(request, listener);
    try {
      thread.execute(generation::start);
    } catch (RejectedExecutionException e) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.RUNTIME_CLOSED,
          "the runtime of model " + model + " is closed",
          e);
    }
    return generation;
  }

  @Override
  public RuntimeInfo info() {
    return new RuntimeInfo(
        model, Optional.empty(), "scripted", "1", Optional.empty(), 64, CONTEXT_TOKENS, 0);
  }

  @Override
  public RuntimeStats stats() {
    return RuntimeStats.NONE;
  }

  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    for (Generation generation : running) {
      generation.fail(RuntimeErrorCode.RUNTIME_CLOSED, "the runtime was closed");
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Confined to the runtime's thread, but for {@link #cancel()}. */
  private final class Generation implements GenerationHandle {
    private final GenerationRequest request;
    private final GenerationListener listener;
    private final long submittedAtMs = System.currentTimeMillis();
    private boolean ended;

    Generation(GenerationRequest request, GenerationListener listener) {
      this.request = request;
      this.listener = listener;
    }

    @Override
    public String requestId() {
      return request.requestId();
    }

    @Override
    public void cancel() {
      try {
        thread.execute(() -> finish("", "", FinishReason.CANCELLED));
      } catch (RejectedExecutionException closed) {
        // Closing ends it.
      }
    }

    void start() {
      running.add(this);
      if (request.resumption().isPresent()) {
        fail(RuntimeErrorCode.CANNOT_RESUME, "a scripted runtime starts over");
        return;
      }
      script.received().add(request);
      ScriptedReply reply = script.replies().apply(request);
      if (reply instanceof ScriptedReply.Failure failure) {
        fail(failure.code(), "failed by the script");
      } else if (reply instanceof ScriptedReply.Text text) {
        listener.onStarted();
        finish(text.reasoning(), text.answer(), FinishReason.STOP);
      } else if (request.deadlineEpochMs().isPresent()) {
        thread.schedule(
            () -> finish("", "", FinishReason.DEADLINE),
            request.deadlineEpochMs().getAsLong() - System.currentTimeMillis(),
            TimeUnit.MILLISECONDS);
      }
    }

    private void finish(String reasoning, String answer, FinishReason reason) {
      if (ended) {
        return;
      }
      int reasoningTokens = tell(Channel.REASONING, reasoning);
      int tokens = reasoningTokens + tell(Channel.ANSWER, answer);
      long totalMs = System.currentTimeMillis() - submittedAtMs;
      end();
      listener.onFinished(
          new GenerationResult(
              answer,
              reasoning,
              reason,
              new GenerationResult.Usage(PROMPT_TOKENS, 0, reasoningTokens, tokens),
              new GenerationResult.Timings(0, totalMs, totalMs),
              request.sampling().seed().orElse(0),
              request.sampling().maxTokens().orElse(CONTEXT_TOKENS)));
    }

    /** Returns how many tokens there were. */
    private int tell(Channel channel, String text) {
      if (text.isEmpty()) {
        return 0;
      }
      List<Integer> tokens = new ArrayList<>();
      for (String word : text.split(" ")) {
        tokens.add(word.hashCode() & 0xFFFF);
      }
      listener.onTokens(new TokenDelta(tokens, List.of(new TextSegment(channel, text))));
      return tokens.size();
    }

    void fail(RuntimeErrorCode code, String message) {
      if (!ended) {
        end();
        listener.onFailed(new GenerationException(requestId(), code, message));
      }
    }

    private void end() {
      ended = true;
      running.remove(this);
    }
  }
}

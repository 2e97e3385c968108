package ai.falaj.runtime.remote;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.remote.protocol.Feature;
import ai.falaj.runtime.remote.protocol.WireCall;
import ai.falaj.runtime.remote.protocol.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What has to be asked of the server for one request: one call for all samples where it knows of
 * samples, else one for each. Written before the request waits, so that what the server could not
 * do is refused at once.
 *
 * @param samples with what they were given
 * @param calls those that are left to make; none where the given tokens are all that was wanted
 * @param seed of the first sample
 * @param maxTokens bound of each sample
 * @param estimatedTokens of prompt and answers, for the limit of tokens per minute
 */
record RequestPlan(
    List<RemoteSample> samples, List<Call> calls, long seed, int maxTokens, long estimatedTokens) {

  /** One call, for the samples from {@code firstSample} on. */
  record Call(int firstSample, WireCall call, byte[] body) {}

  private static final long SEEDS = SamplingParameters.MAX_SEED + 1;
  private static final int BYTES_PER_TOKEN = 4;

  /**
   * @throws GenerationException naming what is wrong with the request and the remedy
   */
  static RequestPlan of(RemoteSpec spec, RemoteEndpoint endpoint, GenerationRequest request)
      throws GenerationException {
    requireAnswerable(spec, request);
    long seed =
        request.sampling().seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(SEEDS));
    List<RemoteSample> samples = samples(spec, request);
    boolean together =
        request.resumption().isEmpty() && spec.preset().dialect().has(Feature.SAMPLES);
    List<Call> calls = new ArrayList<>();
    try {
      if (together) {
        calls.add(call(spec, endpoint, request, 0, request.samples(), seed, Optional.empty()));
      } else {
        for (int index = 0; index < samples.size(); index++) {
          RemoteSample sample = samples.get(index);
          if (hasRoom(request, sample)) {
            long own = (seed + index) % SEEDS;
            calls.add(call(spec, endpoint, request, index, 1, own, Optional.of(sample)));
          }
        }
      }
    } catch (WireException refused) {
      throw endpoint.named(refused).of(request.requestId());
    }
    int maxTokens = request.sampling().maxTokens().orElse(spec.contextTokens());
    long promptBytes = calls.isEmpty() ? 0 : calls.get(0).body().length;
    long answers = (long) request.samples() * request.sampling().maxTokens().orElse(0);
    return new RequestPlan(
        samples, calls, seed, maxTokens, promptBytes / BYTES_PER_TOKEN + answers);
  }

  /** Whether the sample may still write. */
  static boolean hasRoom(GenerationRequest request, RemoteSample sample) {
    OptionalInt most = request.sampling().maxTokens();
    return most.isEmpty() || sample.tokens() < most.getAsInt();
  }

  private static List<RemoteSample> samples(RemoteSpec spec, GenerationRequest request)
      throws GenerationException {
    List<RemoteSample> samples = new ArrayList<>();
    boolean logprobs = request.sampling().topLogprobs().isPresent();
    for (int index = 0; index < request.samples(); index++) {
      RemoteSample sample = new RemoteSample(index, spec.reasoning(), logprobs);
      if (request.resumption().isPresent()) {
        sample.resume(resumable(request, request.resumption().get().samples().get(index)));
      }
      samples.add(sample);
    }
    return samples;
  }

  private static Resumption.Sample resumable(GenerationRequest request, Resumption.Sample given)
      throws GenerationException {
    boolean withoutText = given.tokens().size() > 0 && given.told().isEmpty();
    boolean withoutLogprobs =
        given.tokens().size() > 0
            && request.sampling().topLogprobs().isPresent()
            && given.logprobs().isEmpty();
    if (withoutText || withoutLogprobs) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.CANNOT_RESUME,
          "%d tokens come without %s, which a server needs to go on; start over"
              .formatted(given.tokens().size(), withoutText ? "their text" : "their logprobs"));
    }
    return given;
  }

  private static Call call(
      RemoteSpec spec,
      RemoteEndpoint endpoint,
      GenerationRequest request,
      int firstSample,
      int samples,
      long seed,
      Optional<RemoteSample> given)
      throws WireException {
    int written = given.map(RemoteSample::tokens).orElse(0);
    OptionalInt most = request.sampling().maxTokens();
    WireCall call =
        new WireCall(
            request,
            request.adapter().orElse(spec.model()),
            samples,
            seed,
            most.isPresent() ? OptionalInt.of(most.getAsInt() - written) : most,
            given.flatMap(RemoteSample::begun),
            endpoint.extra());
    return new Call(firstSample, call, endpoint.body(call));
  }

  private static void requireAnswerable(RemoteSpec spec, GenerationRequest request)
      throws GenerationException {
    Optional<String> wanted = request.model();
    if (wanted.isPresent() && !wanted.get().equals(spec.model())) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.UNKNOWN_MODEL,
          "the request wants model %s but this runtime serves %s"
              .formatted(wanted.get(), spec.model()));
    }
    if (request.adapter().isPresent() && !spec.preset().dialect().has(Feature.ADAPTER_AS_MODEL)) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.UNKNOWN_MODEL,
          "the request wants adapter %s but this server has none"
              .formatted(request.adapter().get()));
    }
    if (request.prompt() instanceof Prompt.Chat chat
        && chat.messages().stream().allMatch(RequestPlan::isEmpty)) {
      throw new GenerationException(
          request.requestId(),
          RuntimeErrorCode.EMPTY_PROMPT,
          "the prompt is empty; send at least one message with content");
    }
  }

  private static boolean isEmpty(ChatMessage message) {
    return message.content().isBlank() && message.toolCalls().isEmpty();
  }
}

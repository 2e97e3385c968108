package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.util.List;
import java.util.Optional;

/**
 * Gives the samples of a generation the tokens that an interrupted one had made, or says why this
 * model cannot have made them.
 *
 * <p>Samplers, texts and counters take the tokens as if they were chosen now. Nothing native hears
 * of a token before it was checked: llama.cpp ends the process at a token outside its vocabulary,
 * and at one that a grammar does not allow. Confined to the decode thread.
 */
final class Resumer {

  private final Optional<String> modelSha256;
  private final TokenTable vocabulary;

  /**
   * @param modelSha256 of the file of the model that goes on; absent where it is not known
   */
  Resumer(Optional<String> modelSha256, TokenTable vocabulary) {
    this.modelSha256 = modelSha256;
    this.vocabulary = vocabulary;
  }

  /**
   * @param samples fresh ones, as many as the resumption has
   * @throws GenerationException with {@link RuntimeErrorCode#CANNOT_RESUME}; the samples are of no
   *     use any more then
   */
  void resume(GenerationRequest request, Resumption resumption, List<SampleRun> samples)
      throws GenerationException {
    Optional<String> maker = resumption.modelSha256();
    if (maker.isPresent() && modelSha256.isPresent() && !maker.equals(modelSha256)) {
      throw refusal(
          request,
          "the tokens are of the model with sha256 %s but this one has %s"
              .formatted(maker.get(), modelSha256.get()));
    }
    for (int index = 0; index < samples.size(); index++) {
      resume(request, index, resumption.samples().get(index), samples.get(index));
    }
  }

  private void resume(GenerationRequest request, int index, Resumption.Sample given, SampleRun run)
      throws GenerationException {
    int count = given.tokens().size();
    if (count > run.tokensLeft()) {
      throw refusal(
          request,
          "sample %d has %d tokens but this context leaves %d for it"
              .formatted(index, count, run.tokensLeft()));
    }
    boolean wantsLogprobs = request.sampling().topLogprobs().isPresent();
    if (wantsLogprobs && count > 0 && given.logprobs().isEmpty()) {
      throw refusal(
          request, "the request wants logprobs but sample %d comes without".formatted(index));
    }
    for (int position = 0; position < count; position++) {
      int token = given.tokens().get(position);
      if (run.isFinished()) {
        throw refusal(
            request,
            "sample %d was over after %d of its %d tokens".formatted(index, position, count));
      }
      if (token < 0 || token >= vocabulary.size()) {
        throw refusal(
            request,
            "sample %d has token %d at %d but the vocabulary has %d"
                .formatted(index, token, position, vocabulary.size()));
      }
      if (!run.allows(token)) {
        throw refusal(
            request,
            "the output format does not allow token %d of sample %d at %d"
                .formatted(token, index, position));
      }
      Optional<TokenLogprob> logprob =
          wantsLogprobs ? Optional.of(given.logprobs().get(position)) : Optional.empty();
      run.resume(token, logprob, vocabulary);
    }
  }

  private static GenerationException refusal(GenerationRequest request, String reason) {
    return new GenerationException(
        request.requestId(),
        RuntimeErrorCode.CANNOT_RESUME,
        reason + "; start over without the resumption");
  }
}

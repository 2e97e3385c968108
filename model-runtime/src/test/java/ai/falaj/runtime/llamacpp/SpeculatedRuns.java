package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.llamacpp.sampling.FakeTokens;
import ai.falaj.runtime.llamacpp.sampling.ReasoningMode;
import ai.falaj.runtime.llamacpp.sampling.ReasoningPolicy;
import ai.falaj.runtime.llamacpp.sampling.ReasoningTags;
import ai.falaj.runtime.llamacpp.sampling.SamplingScratch;
import ai.falaj.runtime.llamacpp.sampling.SequenceSampler;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.text.CompletionText;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Sequences that have a prompt and no loop. */
final class SpeculatedRuns {

  private SpeculatedRuns() {}

  static SampleRun of(long sequenceId, int maxTokens, int... prompt) {
    FakeTokens tokens = new FakeTokens("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    GenerationRequest request =
        GenerationRequest.of("r", new Prompt.Raw("a"), SamplingParameters.greedy(maxTokens));
    ReasoningPolicy reasoning =
        new ReasoningPolicy(new ReasoningTags(tokens), ReasoningMode.ABSENT, OptionalInt.empty());
    return new SampleRun(
        sequenceId,
        0,
        new Generation(sequenceId, request, new RecordingListener(), 0),
        prompt,
        maxTokens,
        new SequenceSampler(
            request.sampling(),
            0,
            prompt,
            reasoning,
            Optional.empty(),
            new SamplingScratch(tokens.size())),
        new CompletionText(List.of(), false));
  }
}

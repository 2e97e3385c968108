package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.GenerationResult.Sample;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.testing.RecordingListener;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is shared, copied, saved, taken away or guessed: the text stays what it is without. Held
 * against real KV entries.
 */
class KvReuseIT {

  private static final int NEW_TOKENS = 12;

  /** Natural logarithms; f16 keys and values leave three digits. */
  private static final float TIE = 0.02f;

  @TempDir static Path directory;
  private static Path model;

  @BeforeAll
  static void writeModel() throws IOException {
    model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 11);
  }

  @ParameterizedTest
  @EnumSource(KvLayout.class)
  void aBurstOfPromptsWithOneInstructionComputesItOnce(KvLayout layout) throws Exception {
    List<Prompt> prompts = new ArrayList<>();
    for (int record = 0; record < 12; record++) {
      prompts.add(prompt(tokens(1, 120), tokens(100 + record, 20)));
    }
    List<GenerationResult> expected = runAll(spec().prefixSharing(false), prompts);
    List<GenerationResult> shared = runAll(spec().kvLayout(layout), prompts);
    assertSameUpToTies(shared, expected);
    assertThat(cached(expected)).containsOnly(0);
    assertThat(cached(shared).get(0)).isZero();
    assertThat(cached(shared).subList(1, 12)).allMatch(tokens -> tokens >= 120);
  }

  @Test
  void aConversationFindsItsEarlierTurns() throws Exception {
    try (ModelRuntime runtime = spec().build().open();
        ModelRuntime fresh = spec().prefixSharing(false).build().open()) {
      int[] history = tokens(5, 60);
      for (int turn = 0; turn < 4; turn++) {
        Prompt prompt = prompt(history, tokens(50 + turn, 9));
        GenerationResult result = run(runtime, prompt);
        assertSameUpToTies(List.of(result), List.of(run(fresh, prompt)));
        if (turn > 0) {
          // All but the last token of the turn before, which was chosen and not computed.
          assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(history.length - 1);
        }
        history = ((Prompt.Tokens) prompt).ids().stream().mapToInt(i -> i).toArray();
      }
    }
  }

  @Test
  void samplesOfOnePromptAreForkedFromItsPrefill() throws Exception {
    Prompt prompt = prompt(tokens(9, 200), tokens(10, 1));
    try (ModelRuntime runtime = spec().build().open()) {
      GenerationRequest four =
          GenerationRequest.builder("four", prompt)
              .sampling(
                  SamplingParameters.builder().temperature(1).seed(7).maxTokens(NEW_TOKENS).build())
              .samples(4)
              .build();
      GenerationResult result = submit(runtime, four).awaitEnd().result();
      assertThat(result.samples()).hasSize(4).doesNotHaveDuplicates();
      // The siblings compute the last token of the prompt, whose logits choose their first one.
      assertThat(runtime.stats().promptTokens()).isEqualTo(201 + 3);
      for (int index = 0; index < 4; index++) {
        GenerationRequest alone =
            GenerationRequest.of(
                "alone",
                prompt,
                SamplingParameters.builder()
                    .temperature(1)
                    .seed(7 + index)
                    .maxTokens(NEW_TOKENS)
                    .build());
        Sample sample = result.samples().get(index);
        assertThat(submit(runtime, alone).awaitEnd().result().answer()).isEqualTo(sample.answer());
      }
    }
  }

  @Test
  void aPrefixThatLostItsSlotIsRestored() throws Exception {
    int[][] instructions = {tokens(1, 90), tokens(2, 90), tokens(3, 90)};
    List<GenerationResult> expected = new ArrayList<>();
    List<GenerationResult> results = new ArrayList<>();
    try (ModelRuntime runtime = spec().maxSequences(1).maxBatchTokens(256).build().open();
        ModelRuntime fresh = spec().prefixSharing(false).build().open()) {
      for (int round = 0; round < 4; round++) {
        for (int index = 0; index < instructions.length; index++) {
          for (int twice = 0; twice < 2; twice++) {
            Prompt prompt = prompt(instructions[index], tokens(60 + 10 * round + twice, 5));
            expected.add(run(fresh, prompt));
            results.add(run(runtime, prompt));
          }
        }
      }
    }
    assertSameUpToTies(results, expected);
    // From the second round on every instruction is found, though one slot cannot hold three.
    assertThat(cached(results).subList(6, results.size())).allMatch(tokens -> tokens >= 90);
  }

  @Test
  void sequencesThatThePoolCannotHoldAreComputedAgainLater() throws Exception {
    List<Prompt> prompts = new ArrayList<>();
    for (int index = 0; index < 8; index++) {
      prompts.add(prompt(tokens(200 + index, 40), tokens(300 + index, 1)));
    }
    SamplingParameters sampling = greedy(60);
    List<GenerationResult> expected = runAll(spec().prefixSharing(false), prompts, sampling);
    for (long storeBytes : new long[] {0, 64 << 20}) {
      try (ModelRuntime runtime =
          spec()
              .contextTokensPerSequence(256)
              .kvLayout(KvLayout.SHARED)
              .kvPoolTokens(300)
              .prefixStoreBytes(storeBytes)
              .build()
              .open()) {
        assertSameUpToTies(runAll(runtime, prompts, sampling), expected);
        assertThat(runtime.stats().preemptions()).isPositive();
      }
    }
  }

  @Test
  void aDraftModelChangesNothingAndIsRightWhereItIsTheModelItself() throws Exception {
    List<Prompt> prompts = List.of(prompt(tokens(500, 30), tokens(501, 5)));
    List<GenerationResult> expected = runAll(spec(), prompts, greedy(60));
    ModelRuntime runtime =
        spec().speculation(Speculation.draftModel(model.toString())).build().open();
    try {
      assertSameUpToTies(runAll(runtime, prompts, greedy(60)), expected);
    } finally {
      runtime.close();
    }
    assertThat(runtime.stats().draftTokens()).isPositive();
    assertThat(runtime.stats().acceptedDraftTokens())
        .isGreaterThan(runtime.stats().draftTokens() / 2);
  }

  @ParameterizedTest
  @EnumSource(KvLayout.class)
  void guessingChangesNothing(KvLayout layout) throws Exception {
    List<Prompt> prompts = new ArrayList<>();
    for (int index = 0; index < 4; index++) {
      int[] phrase = tokens(400 + index, 6);
      prompts.add(prompt(repeat(phrase, 12), phrase));
    }
    List<GenerationResult> expected = runAll(spec(), prompts, greedy(80));
    ModelRuntime runtime =
        spec()
            .kvLayout(layout)
            .speculation(new Speculation(Speculation.Mode.PROMPT_LOOKUP, 6, 4, null))
            .build()
            .open();
    try {
      assertSameUpToTies(runAll(runtime, prompts, greedy(80)), expected);
    } finally {
      runtime.close();
    }
    // The last step's counters are published after its listeners have heard of it.
    assertThat(runtime.stats().draftTokens()).isPositive();
    assertThat(runtime.stats().acceptedDraftTokens()).isPositive();
    assertThat(runtime.stats().generationTokens()).isEqualTo(4 * 80);
  }

  private static LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder(model.toString())
        .model("tiny")
        .maxSequences(4)
        .threads(1)
        .contextTokensPerSequence(512)
        .maxBatchTokens(256)
        .maxPrefillTokensWhileDecoding(64);
  }

  private static List<GenerationResult> runAll(LlamaCppSpec.Builder spec, List<Prompt> prompts)
      throws Exception {
    return runAll(spec, prompts, greedy(NEW_TOKENS));
  }

  private static List<GenerationResult> runAll(
      LlamaCppSpec.Builder spec, List<Prompt> prompts, SamplingParameters sampling)
      throws Exception {
    try (ModelRuntime runtime = spec.build().open()) {
      return runAll(runtime, prompts, sampling);
    }
  }

  private static List<GenerationResult> runAll(
      ModelRuntime runtime, List<Prompt> prompts, SamplingParameters sampling) throws Exception {
    List<RecordingListener> listeners = new ArrayList<>();
    for (Prompt prompt : prompts) {
      listeners.add(submit(runtime, GenerationRequest.of("r", prompt, sampling)));
    }
    List<GenerationResult> results = new ArrayList<>();
    for (RecordingListener listener : listeners) {
      results.add(listener.awaitEnd().result());
    }
    return results;
  }

  private static GenerationResult run(ModelRuntime runtime, Prompt prompt) throws Exception {
    return runAll(runtime, List.of(prompt), greedy(NEW_TOKENS)).get(0);
  }

  private static RecordingListener submit(ModelRuntime runtime, GenerationRequest request)
      throws Exception {
    RecordingListener listener = new RecordingListener();
    runtime.submit(request, listener);
    return listener;
  }

  private static SamplingParameters greedy(int maxTokens) {
    return SamplingParameters.builder().temperature(0).maxTokens(maxTokens).topLogprobs(2).build();
  }

  /**
   * The same tokens, up to the first one where the model hardly preferred one token to another:
   * kernels add up in another order when other tokens are in the batch.
   */
  private static void assertSameUpToTies(
      List<GenerationResult> actual, List<GenerationResult> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int index = 0; index < actual.size(); index++) {
      List<TokenLogprob> wanted = expected.get(index).samples().get(0).logprobs();
      List<TokenLogprob> got = actual.get(index).samples().get(0).logprobs();
      assertThat(got).hasSameSizeAs(wanted);
      for (int position = 0; position < wanted.size(); position++) {
        TokenLogprob token = wanted.get(position);
        if (got.get(position).token() != token.token()) {
          assertThat(token.top().get(0).logprob() - token.top().get(1).logprob())
              .as("lead of token %d of result %d over the next likely", position, index)
              .isLessThan(TIE);
          break;
        }
        assertThat(got.get(position).logprob()).isCloseTo(token.logprob(), within(TIE));
      }
    }
  }

  private static List<Integer> cached(List<GenerationResult> results) {
    return results.stream().map(result -> result.usage().cachedTokens()).toList();
  }

  private static Prompt prompt(int[] prefix, int[] rest) {
    return new Prompt.Tokens(
        IntStream.concat(IntStream.of(prefix), IntStream.of(rest)).boxed().toList());
  }

  private static int[] tokens(int seed, int count) {
    return new Random(seed).ints(count, 10, 200).toArray();
  }

  private static int[] repeat(int[] phrase, int times) {
    return IntStream.range(0, phrase.length * times).map(i -> phrase[i % phrase.length]).toArray();
  }
}

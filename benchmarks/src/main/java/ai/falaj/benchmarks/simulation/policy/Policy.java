package ai.falaj.benchmarks.simulation.policy;

import ai.falaj.benchmarks.simulation.cost.HardwareProfile;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.scheduler.SchedulerConfig;
import ai.falaj.runtime.scheduler.TenantShare;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A way to batch, by the name that options and plots use.
 *
 * <ul>
 *   <li>{@code adaptive[=STRETCH[/TOKENS]]}: Falaj's own. A step that also prefills takes at most
 *       about STRETCH times as long as one that only decodes, and prefills at most TOKENS.
 *   <li>{@code chunked=TOKENS}: as many prompt tokens beside the decoding sequences, always
 *       (Sarathi-Serve).
 *   <li>{@code whole-prompts}: prompts at once and before anything else (early vLLM, llama-server
 *       with a large batch).
 *   <li>{@code static}: a batch is not refilled before all of it has ended.
 *   <li>{@code one-queue}: as {@code adaptive}, but first come, first served over all tenants.
 * </ul>
 *
 * @param name as it was written
 * @param prefillStretch infinite: a fixed budget
 * @param prefillTokens most prompt tokens of a step that also decodes
 */
public record Policy(String name, Kind kind, double prefillStretch, int prefillTokens) {

  /** What decides. */
  public enum Kind {
    ADAPTIVE,
    CHUNKED,
    WHOLE_PROMPTS,
    STATIC,
    ONE_QUEUE
  }

  /** What the product does unless it is told otherwise; no model is opened. */
  private static final LlamaCppSpec PRODUCT = LlamaCppSpec.builder("simulated.gguf").build();

  private static final String SYNTAX =
      "adaptive, adaptive=STRETCH, adaptive=STRETCH/TOKENS, chunked=TOKENS, whole-prompts, static or one-queue";
  private static final Pattern ADAPTIVE =
      Pattern.compile("(adaptive|one-queue)(?:=([0-9.]{1,9})(?:/([0-9]{1,9}))?)?");
  private static final Pattern CHUNKED = Pattern.compile("chunked=([0-9]{1,9})");

  public Policy {
    if (!(prefillStretch >= 1) || prefillTokens < 1) {
      throw new IllegalArgumentException(
          "policy %s has a stretch of %s and %d tokens; both must be 1 or more"
              .formatted(name, prefillStretch, prefillTokens));
    }
  }

  /**
   * @throws IllegalArgumentException with what a policy looks like
   */
  public static Policy parse(String text) {
    Matcher adaptive = ADAPTIVE.matcher(text);
    if (adaptive.matches()) {
      return new Policy(
          text,
          adaptive.group(1).equals("adaptive") ? Kind.ADAPTIVE : Kind.ONE_QUEUE,
          adaptive.group(2) == null ? PRODUCT.prefillStretch() : number(text, adaptive.group(2)),
          adaptive.group(3) == null
              ? PRODUCT.maxPrefillTokensWhileDecoding()
              : Integer.parseInt(adaptive.group(3)));
    }
    Matcher chunked = CHUNKED.matcher(text);
    if (chunked.matches()) {
      return fixed(text, Kind.CHUNKED, Integer.parseInt(chunked.group(1)));
    }
    return switch (text) {
      case "whole-prompts" -> fixed(text, Kind.WHOLE_PROMPTS, Integer.MAX_VALUE);
      case "static" -> fixed(text, Kind.STATIC, Integer.MAX_VALUE);
      default -> throw unknown(text);
    };
  }

  /**
   * A scheduler of this policy that has seen nothing yet.
   *
   * @param seed of the tokens of prompts and completions
   */
  public SimulatedScheduler newScheduler(HardwareProfile profile, TenantMix tenants, long seed) {
    int wholePrompts = Math.max(PRODUCT.maxBatchTokens(), profile.contextTokensPerSequence());
    if (kind == Kind.STATIC) {
      return new StaticBatchScheduler(profile.maxSequences(), wholePrompts);
    }
    int batchTokens = kind == Kind.WHOLE_PROMPTS ? wholePrompts : PRODUCT.maxBatchTokens();
    SchedulerConfig.Builder config =
        SchedulerConfig.builder(profile.maxSequences(), profile.contextTokensPerSequence())
            .maxBatchTokens(Math.max(batchTokens, profile.maxSequences()))
            .maxPrefillTokensWhileDecoding(Math.min(prefillTokens, batchTokens))
            .prefillStretch(prefillStretch)
            .tenants(shares(tenants));
    if (profile.kvLayout() == KvLayout.SHARED) {
      config.sharedKv((long) profile.maxSequences() * profile.contextTokensPerSequence());
    }
    return new FalajScheduler(config.build(), kind != Kind.ONE_QUEUE, seed);
  }

  private static List<TenantShare> shares(TenantMix tenants) {
    return tenants.tenants().stream()
        .map(tenant -> new TenantShare(tenant.name(), tenant.weight(), null))
        .toList();
  }

  private static Policy fixed(String text, Kind kind, int prefillTokens) {
    return new Policy(text, kind, Double.POSITIVE_INFINITY, prefillTokens);
  }

  private static double number(String text, String digits) {
    try {
      return Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      throw unknown(text);
    }
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException("no policy is called '" + text + "'; say " + SYNTAX);
  }
}

package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.SamplingParameters;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the parameters mean, written down to be read: the whole vocabulary, sorted, in doubles. Slow
 * and obviously right; what the sampler does must equal it.
 */
final class ReferenceDistribution {

  private ReferenceDistribution() {}

  /** Bias and penalties. */
  static float[] adjust(
      float[] logits, SamplingParameters sampling, List<Integer> prompt, List<Integer> completion) {
    float[] adjusted = logits.clone();
    Map<Integer, Integer> counts = new HashMap<>();
    completion.forEach(token -> counts.merge(token, 1, Integer::sum));
    for (int token = 0; token < adjusted.length; token++) {
      adjusted[token] += sampling.logitBias().getOrDefault(token, 0.0).floatValue();
      if (prompt.contains(token) || completion.contains(token)) {
        float penalty = (float) sampling.repetitionPenalty();
        adjusted[token] =
            adjusted[token] > 0 ? adjusted[token] / penalty : adjusted[token] * penalty;
      }
      int count = counts.getOrDefault(token, 0);
      if (count > 0) {
        adjusted[token] -=
            (float) sampling.frequencyPenalty() * count + (float) sampling.presencePenalty();
      }
    }
    return adjusted;
  }

  /** The probability of each token: temperature, top_k, top_p, min_p, in this order. */
  static double[] probabilities(float[] logits, SamplingParameters sampling) {
    Integer[] order = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble((Integer token) -> -logits[token]));
    if (sampling.isGreedy()) {
      double[] certain = new double[logits.length];
      certain[order[0]] = 1;
      return certain;
    }
    float maximum = logits[order[0]];
    double[] weights = new double[logits.length];
    for (int token = 0; token < logits.length; token++) {
      weights[token] = Math.exp(((double) logits[token] - maximum) / sampling.temperature());
    }
    if (sampling.topK() > 0) {
      for (int rank = sampling.topK(); rank < order.length; rank++) {
        weights[order[rank]] = 0;
      }
    }
    double total = Arrays.stream(weights).sum();
    double before = 0;
    double[] kept = new double[weights.length];
    for (int token : order) {
      boolean inNucleus = sampling.topP() == 1 || before < sampling.topP() * total;
      before += weights[token];
      if (inNucleus && weights[token] >= sampling.minP()) {
        kept[token] = weights[token];
      }
    }
    double keptTotal = Arrays.stream(kept).sum();
    return Arrays.stream(kept).map(weight -> weight / keptTotal).toArray();
  }

  /** The token whose share of the probabilities, laid end to end by id, holds this point. */
  static int at(double[] probabilities, double uniform) {
    double sum = 0;
    int last = -1;
    for (int token = 0; token < probabilities.length; token++) {
      if (probabilities[token] > 0) {
        last = token;
        sum += probabilities[token];
        if (sum > uniform) {
          return token;
        }
      }
    }
    return last;
  }

  static double logprob(float[] logits, int token) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      maximum = Math.max(maximum, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - maximum);
    }
    return logits[token] - maximum - Math.log(sum);
  }
}

package ai.falaj.jobs.size;

/**
 * What runs the model, with what of a GPU's peaks it is taken to reach. None of these was measured
 * here; give your own figures where you have them. On processors nothing is taken off, because
 * their figures are measured.
 */
enum EngineKind {
  LLAMA_CPP(
      "llama.cpp",
      0.7,
      0.22,
      512,
      1_000_000,
      100_000,
      256,
      "llama.cpp on GPUs: 0.7 of the bandwidth and 0.22 of the dense BF16 peak, as benchmarks/profiles/k2-think-32b-h100.json derives them from llama.cpp pull request 19053 and arXiv 2402.13499; 1 ms per graph of 512 tokens, 0.1 ms to choose a token (assumed)"),
  VLLM(
      "vLLM",
      0.7,
      0.5,
      8_192,
      2_000_000,
      0,
      1_024,
      "vLLM: 0.7 of the bandwidth (servers in CUDA are seen at 0.6 to 0.85), half of the dense BF16 peak, 2 ms per step (all assumed); 0.9 of the GPU's memory, its default, less 2 GB for activations and CUDA graphs (assumed)");

  private final String label;
  private final double memoryEfficiency;
  private final double computeEfficiency;
  private final int graphTokens;
  private final long nanosPerGraph;
  private final long nanosPerSample;
  private final int mostSequences;
  private final String assumption;

  EngineKind(
      String label,
      double memoryEfficiency,
      double computeEfficiency,
      int graphTokens,
      long nanosPerGraph,
      long nanosPerSample,
      int mostSequences,
      String assumption) {
    this.label = label;
    this.memoryEfficiency = memoryEfficiency;
    this.computeEfficiency = computeEfficiency;
    this.graphTokens = graphTokens;
    this.nanosPerGraph = nanosPerGraph;
    this.nanosPerSample = nanosPerSample;
    this.mostSequences = mostSequences;
    this.assumption = assumption;
  }

  /** For people. */
  String label() {
    return label;
  }

  /** Share of a GPU's bandwidth. */
  double memoryEfficiency() {
    return memoryEfficiency;
  }

  /** Share of a GPU's dense BF16 peak. */
  double computeEfficiency() {
    return computeEfficiency;
  }

  /** Tokens that are computed with one reading of the weights, at most. */
  int graphTokens() {
    return graphTokens;
  }

  long nanosPerGraph() {
    return nanosPerGraph;
  }

  long nanosPerSample() {
    return nanosPerSample;
  }

  /** That it is asked to run at once, however much memory there is. */
  int mostSequences() {
    return mostSequences;
  }

  /** Where its figures come from. */
  String assumption() {
    return assumption;
  }
}

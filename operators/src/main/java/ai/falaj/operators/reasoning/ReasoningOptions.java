package ai.falaj.operators.reasoning;

import ai.falaj.schemas.SamplingParameters;
import java.io.Serializable;
import java.util.Objects;

/**
 * How problems are reasoned about.
 *
 * @param samples candidates of a problem, 1 to {@value #MAX_SAMPLES}; a request may ask for fewer
 * @param answerForm in which a vote compares answers
 * @param plannerSampling of both of the planner's calls, for what is not null
 * @param solverSampling for what a request leaves open
 * @param judgeSampling of every comparison, for what is not null
 * @param replyFormat how planner and judge are held to JSON
 * @param maxTraceBytes about as large may the texts of a trace get; below what Kafka takes
 */
public record ReasoningOptions(
    int samples,
    Planning planning,
    Selection selection,
    AnswerForm answerForm,
    Patience patience,
    ReasoningPrompts prompts,
    SamplingParameters plannerSampling,
    SamplingParameters solverSampling,
    SamplingParameters judgeSampling,
    ReplyFormat replyFormat,
    int maxTraceBytes)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Each one above the first is a judge's stage in the job graph. */
  public static final int MAX_SAMPLES = 16;

  /** Metadata with which a request asks for fewer candidates than the job is configured for. */
  public static final String SAMPLES_METADATA = "falaj.reasoning.samples";

  /** The one of K2 Think's public pipeline. */
  public static final double SOLVER_TEMPERATURE = 1.0;

  public static final ReasoningOptions DEFAULT = new Builder().build();

  /**
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public ReasoningOptions {
    Objects.requireNonNull(planning, "planning");
    Objects.requireNonNull(selection, "selection");
    Objects.requireNonNull(answerForm, "answerForm");
    Objects.requireNonNull(patience, "patience");
    Objects.requireNonNull(prompts, "prompts");
    Objects.requireNonNull(plannerSampling, "plannerSampling");
    Objects.requireNonNull(solverSampling, "solverSampling");
    Objects.requireNonNull(judgeSampling, "judgeSampling");
    Objects.requireNonNull(replyFormat, "replyFormat");
    if (samples < 1 || samples > MAX_SAMPLES) {
      throw new IllegalArgumentException(
          "samples is " + samples + "; it must be 1 to " + MAX_SAMPLES);
    }
    if (maxTraceBytes < 1) {
      throw new IllegalArgumentException(
          "maxTraceBytes is " + maxTraceBytes + "; it must be 1 or more");
    }
  }

  /** Comparisons that a problem may need. */
  int judgeRounds() {
    return selection == Selection.FIRST ? 0 : samples - 1;
  }

  /** Starts from {@link #DEFAULT}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects options; {@link #build} checks them. One thread. */
  public static final class Builder {
    private int samples = 3;
    private Planning planning = Planning.PER_PROBLEM;
    private Selection selection = Selection.JUDGE;
    private AnswerForm answerForm = BoxedAnswers.INSTANCE;
    private Patience patience = Patience.DEFAULT;
    private ReasoningPrompts prompts = ReasoningPrompts.DEFAULT;
    private SamplingParameters plannerSampling = SamplingParameters.newBuilder().build();
    private SamplingParameters solverSampling =
        SamplingParameters.newBuilder().setTemperature(SOLVER_TEMPERATURE).build();
    private SamplingParameters judgeSampling = SamplingParameters.newBuilder().build();
    private ReplyFormat replyFormat = ReplyFormat.JSON_SCHEMA;
    private int maxTraceBytes = 900_000;

    private Builder() {}

    public Builder samples(int value) {
      samples = value;
      return this;
    }

    public Builder planning(Planning value) {
      planning = value;
      return this;
    }

    public Builder selection(Selection value) {
      selection = value;
      return this;
    }

    public Builder answerForm(AnswerForm value) {
      answerForm = value;
      return this;
    }

    public Builder patience(Patience value) {
      patience = value;
      return this;
    }

    public Builder prompts(ReasoningPrompts value) {
      prompts = value;
      return this;
    }

    public Builder plannerSampling(SamplingParameters value) {
      plannerSampling = value;
      return this;
    }

    public Builder solverSampling(SamplingParameters value) {
      solverSampling = value;
      return this;
    }

    public Builder judgeSampling(SamplingParameters value) {
      judgeSampling = value;
      return this;
    }

    public Builder replyFormat(ReplyFormat value) {
      replyFormat = value;
      return this;
    }

    public Builder maxTraceBytes(int value) {
      maxTraceBytes = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public ReasoningOptions build() {
      return new ReasoningOptions(
          samples,
          planning,
          selection,
          answerForm,
          patience,
          prompts,
          plannerSampling,
          solverSampling,
          judgeSampling,
          replyFormat,
          maxTraceBytes);
    }
  }
}

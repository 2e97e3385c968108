package ai.falaj.jobs.eval.grading;

/** How a data set writes its answers, and so how a model is asked for one. */
public enum AnswerKind {
  /** A number: {@code #### 42}, as GSM8K writes it. */
  NUMBER,

  /** Any mathematical object in {@code \boxed{}}, as MATH, AIME and HMMT write it. */
  EXPRESSION,

  /** The letter of one of several choices. */
  CHOICE
}

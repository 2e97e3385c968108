package ai.falaj.jobs.reasoning;

import static org.apache.flink.configuration.ConfigOptions.key;

import ai.falaj.operators.reasoning.HardTimeoutAction;
import ai.falaj.operators.reasoning.Patience;
import ai.falaj.operators.reasoning.Planning;
import ai.falaj.operators.reasoning.ReasoningOptions;
import ai.falaj.operators.reasoning.ReplyFormat;
import ai.falaj.operators.reasoning.Selection;
import ai.falaj.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * The options that a {@link ReasoningJob} has beside those of the completion job, which it takes
 * too; each role's are {@link RoleOptions}.
 */
public final class ReasoningJobOptions {

  /** Of every option here. */
  public static final String PREFIX = "falaj.reasoning.";

  /** Of the options that hold prompts. */
  static final String PROMPT_PREFIX = PREFIX + "prompt.";

  public static final ConfigOption<Integer> SAMPLES =
      key("falaj.reasoning.samples")
          .intType()
          .defaultValue(ReasoningOptions.DEFAULT.samples())
          .withDescription(
              "Candidates of a problem, 1 to "
                  + ReasoningOptions.MAX_SAMPLES
                  + ". More find the right answer more often for as many times the tokens; each above the"
                  + " first is a judge's stage in the job graph. A request may ask for fewer with the"
                  + " metadata falaj.reasoning.samples.");

  public static final ConfigOption<Planning> PLANNING =
      key("falaj.reasoning.planning")
          .enumType(Planning.class)
          .defaultValue(ReasoningOptions.DEFAULT.planning())
          .withDescription(
              "PER_PROBLEM plans once, and all candidates share the prompt and its prefill;"
                  + " PER_SAMPLE plans for each candidate, as K2 Think's public pipeline does, which"
                  + " makes them differ more; NONE asks the solver the bare question.");

  public static final ConfigOption<Selection> SELECTION =
      key("falaj.reasoning.selection")
          .enumType(Selection.class)
          .defaultValue(ReasoningOptions.DEFAULT.selection())
          .withDescription(
              "JUDGE compares candidates in pairs, one after the other; MAJORITY takes the answer"
                  + " that most share and asks the judge only where votes are equal or answers cannot"
                  + " be compared; FIRST takes the first complete one and waits for no other.");

  public static final ConfigOption<ReplyFormat> REPLY_FORMAT =
      key("falaj.reasoning.reply-format")
          .enumType(ReplyFormat.class)
          .defaultValue(ReasoningOptions.DEFAULT.replyFormat())
          .withDescription(
              "How planner and judge are held to JSON. JSON_SCHEMA cannot go wrong where the engine"
                  + " follows schemas; JSON_OBJECT and TEXT are for engines that refuse it, and cost"
                  + " replies that are of no use.");

  public static final ConfigOption<Duration> SOFT_TIMEOUT =
      key("falaj.reasoning.timeout.soft")
          .durationType()
          .defaultValue(Patience.DEFAULT.soft())
          .withDescription(
              "From a problem's arrival to when the complete candidates are taken as they are; where"
                  + " none is, the first that will be. Shorter answers earlier, among fewer.");

  public static final ConfigOption<Duration> HARD_TIMEOUT =
      key("falaj.reasoning.timeout.hard")
          .durationType()
          .defaultValue(Patience.DEFAULT.hard())
          .withDescription(
              "From a problem's arrival to when it is given up without a complete candidate; at"
                  + " least the soft time-out.");

  public static final ConfigOption<HardTimeoutAction> ON_HARD_TIMEOUT =
      key("falaj.reasoning.timeout.on-hard")
          .enumType(HardTimeoutAction.class)
          .defaultValue(Patience.DEFAULT.onHard())
          .withDescription(
              "DEAD_LETTER sends the problem there; BEST_PARTIAL answers with what a candidate has"
                  + " written by then, and finish reason DEADLINE.");

  public static final ConfigOption<String> TRACES_TOPIC =
      key("falaj.reasoning.traces-topic")
          .stringType()
          .defaultValue(Topics.TRACES)
          .withDescription("Topic for how each answer came about.");

  public static final ConfigOption<MemorySize> MAX_TRACE_SIZE =
      key("falaj.reasoning.max-trace-size")
          .memoryType()
          .defaultValue(new MemorySize(ReasoningOptions.DEFAULT.maxTraceBytes()))
          .withDescription(
              "Larger traces lose texts of candidates, those that did not win first. At most"
                  + " falaj.inference.max-completion-size, as Kafka takes no more.");

  public static final ConfigOption<String> TOPICS_PROMPT =
      prompt("topics", "Asks whether a {question} is hard, and for topics.");

  public static final ConfigOption<String> PLAN_PROMPT =
      prompt("plan", "Asks for a plan for a {question}, given its {topics}.");

  public static final ConfigOption<String> SOLVER_SYSTEM_PROMPT =
      prompt("solver-system", "Tells the solver how to answer; empty: nothing.");

  public static final ConfigOption<String> SOLVE_PROMPT =
      prompt("solve", "Asks a {question}, given a {plan}.");

  public static final ConfigOption<String> JUDGE_SYSTEM_PROMPT =
      prompt("judge-system", "Tells the judge how to compare; empty: nothing.");

  public static final ConfigOption<String> COMPARE_PROMPT =
      prompt("compare", "Shows the judge a {question} and two answers, {first} and {second}.");

  private ReasoningJobOptions() {}

  /** All options, for documentation and for finding misspelt ones. */
  public static List<ConfigOption<?>> all() {
    List<ConfigOption<?>> all =
        new ArrayList<>(
            List.of(
                SAMPLES,
                PLANNING,
                SELECTION,
                REPLY_FORMAT,
                SOFT_TIMEOUT,
                HARD_TIMEOUT,
                ON_HARD_TIMEOUT,
                TRACES_TOPIC,
                MAX_TRACE_SIZE));
    for (RoleOptions role : RoleOptions.values()) {
      all.addAll(role.all());
    }
    all.addAll(
        List.of(
            TOPICS_PROMPT,
            PLAN_PROMPT,
            SOLVER_SYSTEM_PROMPT,
            SOLVE_PROMPT,
            JUDGE_SYSTEM_PROMPT,
            COMPARE_PROMPT));
    return all;
  }

  private static ConfigOption<String> prompt(String name, String description) {
    return key(PROMPT_PREFIX + name)
        .stringType()
        .noDefaultValue()
        .withDescription(description + " Default: see REASONING.md.");
  }
}

package ai.falaj.schemas;

import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Makes Avro trust the generated records.
 *
 * <p>Avro refuses to load a class named in a schema unless the JVM's one {@link
 * ClassSecurityValidator} trusts it. Every generated record builds its model here in its static
 * initializer (see {@code src/main/avro-templates/record.vm}), so whoever can name a record class
 * may read it, with our deserializer, Flink's Avro serializer or plain Avro, and needs no system
 * property. What other code trusts stays trusted.
 *
 * <p>The validator outlives the class loader of a Flink job, so it is given class names, never a
 * class or lambda of this module. Any thread.
 */
final class RecordModels {

  /** Every named type of the schemas, as plain names: naming a class here would initialize it. */
  private static final List<String> TRUSTED_CLASSES =
      Stream.of(
              "AnswerSelection",
              "BudgetAlert",
              "CallRole",
              "CalledTool",
              "CandidateState",
              "Channel",
              "ChatMessage",
              "Completion",
              "CompletionChunk",
              "CompletionSample",
              "DeadLetter",
              "ErrorCode",
              "FinishReason",
              "LabelCount",
              "LabelWindow",
              "PromptRequest",
              "Provenance",
              "ReasoningCall",
              "ReasoningCandidate",
              "ReasoningOutcome",
              "ReasoningPlan",
              "ReasoningTrace",
              "ReasoningVerdict",
              "RouteShadow",
              "RouteTarget",
              "RouteUpdate",
              "SamplingParameters",
              "Timings",
              "TokenLogprob",
              "ToolCall",
              "ToolDefinition",
              "ToolOutcome",
              "ToolRequest",
              "ToolResponse",
              "TopLogprob",
              "Usage",
              "UsageWindow")
          .map(name -> RecordModels.class.getPackageName() + "." + name)
          .toList();

  private RecordModels() {}

  /**
   * The model of one record class: it looks classes up in the record's own class loader, also where
   * Avro itself comes from a parent of it.
   */
  static SpecificData create(Class<?> recordClass) {
    trustRecords(recordClass);
    return new SpecificData(recordClass.getClassLoader());
  }

  static List<String> trustedClasses() {
    return TRUSTED_CLASSES;
  }

  private static void trustRecords(Class<?> recordClass) {
    synchronized (ClassSecurityValidator.class) {
      ClassSecurityPredicate current = ClassSecurityValidator.getGlobal();
      if (!current.isTrusted(recordClass)) {
        ClassSecurityValidator.Builder records = ClassSecurityValidator.builder();
        TRUSTED_CLASSES.forEach(records::add);
        ClassSecurityValidator.setGlobal(
            ClassSecurityValidator.composite(current, records.build()));
      }
    }
  }
}

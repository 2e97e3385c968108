package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.ClientOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.client.PromptSession.Outcome;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code falaj prompt}: sends one prompt and prints its answer while it is written. */
@Command(
    name = "prompt",
    description = "Send one prompt and print its answer while it is written.",
    sortOptions = false)
public final class PromptCommand extends FalajCommand {

  private static final long CANCEL_LIMIT_S = 3;

  @Parameters(paramLabel = "TEXT", description = "The prompt; - reads it from standard input.")
  private String prompt;

  @Option(names = "--system", paramLabel = "TEXT", description = "Instructions before the prompt.")
  private String system;

  @Mixin private SamplingOptions sampling;

  @Option(names = "--model", paramLabel = "NAME", description = "Model to use, if not the job's.")
  private String model;

  @Option(names = "--adapter", paramLabel = "NAME", description = "LoRA adapter of the job to use.")
  private String adapter;

  @Option(
      names = "--conversation",
      paramLabel = "ID",
      description = "Conversation that the prompt belongs to.")
  private String conversation;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Whose share and budget of tokens it uses.")
  private String tenant;

  @Option(
      names = "--priority",
      paramLabel = "N",
      defaultValue = "0",
      description = "Higher is served earlier (default: ${DEFAULT-VALUE}).")
  private int priority;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Longest wait for the next piece of the answer (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Mixin private ClientOptions connectionOptions;

  @Override
  protected int run(Console console) throws InterruptedException, ExecutionException, IOException {
    if (timeoutSeconds < 1) {
      throw CliException.usage("--timeout is " + timeoutSeconds, "give it 1 second or more");
    }
    PromptRequest request = request();
    Connection connection = connectionOptions.resolve(directories());
    EnumSet<RecordKind> results =
        EnumSet.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);
    Reachability.requireTopics(connection, connection.topics(RecordKind.ofEveryJob()));
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry())) {
      Reachability.requirePromptSchema(connection, registry);
      try (ResultReader reader =
              ResultReader.open(connection, registry, results, new StartPoint.End());
          PromptProducer producer = new PromptProducer(connection, registry);
          Interrupt interrupt = Interrupt.onRaised(() -> cancel(producer, request, console))) {
        // Logprobs are in the completion only.
        boolean endsWithText = !console.isJson() && request.getSampling().getLogprobs() == null;
        PromptSession session = new PromptSession(request, reader, interrupt, endsWithText);
        PromptAnswer answer = new PromptAnswer(console, session);
        Outcome outcome;
        try (answer) {
          outcome = session.run(producer, Duration.ofSeconds(timeoutSeconds), answer::onText);
        }
        interrupt.holdIfRaised();
        return report(outcome, session, answer, console, connection, producer, request);
      } catch (SchemaRegistryException e) {
        throw Reachability.unusable(connection, e);
      }
    }
  }

  private PromptRequest request() throws IOException {
    String text =
        prompt.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : prompt;
    if (text.isBlank()) {
      throw CliException.usage("the prompt is empty", "give it some text");
    }
    List<ChatMessage> messages = new ArrayList<>();
    if (system != null) {
      messages.add(new ChatMessage("system", system));
    }
    messages.add(new ChatMessage("user", text));
    return PromptRequest.newBuilder()
        .setRequestId("prompt-" + UUID.randomUUID())
        .setConversationId(conversation)
        .setTenant(tenant)
        .setMessages(messages)
        .setSampling(sampling.resolve())
        .setPriority(priority)
        .setModel(model)
        .setAdapter(adapter)
        .setCreatedAt(Instant.now())
        .build();
  }

  private static void cancel(PromptProducer producer, PromptRequest request, Console console) {
    try {
      producer.cancel(request).get(CANCEL_LIMIT_S, TimeUnit.SECONDS);
      console.note("\ncancelled " + request.getRequestId());
    } catch (ExecutionException | TimeoutException e) {
      LoggerFactory.getLogger(PromptCommand.class)
          .warn("{} could not be cancelled", request.getRequestId(), e);
      console.note("\n" + request.getRequestId() + " could not be cancelled: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int report(
      Outcome outcome,
      PromptSession session,
      PromptAnswer answer,
      Console console,
      Connection connection,
      PromptProducer producer,
      PromptRequest request) {
    if (outcome instanceof Outcome.Completed completed) {
      answer.end(completed.completion());
      return ExitCodes.OK;
    }
    if (outcome instanceof Outcome.Streamed) {
      answer.endOfText();
      return ExitCodes.OK;
    }
    if (outcome instanceof Outcome.DeadLettered dead) {
      return reportDeadLetter(dead.deadLetter(), console);
    }
    cancel(producer, request, console);
    throw CliException.failure(
        "nothing came for "
            + timeoutSeconds
            + " s"
            + (session.text().tokens() == 0 ? "" : " after " + session.text().tokens() + " tokens"),
        "check that a completion job runs and reads "
            + connection.topic(RecordKind.PROMPTS)
            + " of "
            + connection.bootstrapServers()
            + " (falaj up runs one), or give a longer --timeout");
  }

  private static int reportDeadLetter(DeadLetter letter, Console console) {
    if (console.isJson()) {
      console.json(RecordJson.document(letter));
    }
    console.note("falaj: " + letter.getErrorCode() + ": " + letter.getMessage());
    return ExitCodes.FAILURE;
  }
}

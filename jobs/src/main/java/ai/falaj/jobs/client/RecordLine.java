package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.client.ReadRecord.Content;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.schemas.Channel;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningTrace;
import java.util.List;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;

/** One line for people about one record: where it is, what it is, how its text begins. */
final class RecordLine {

  private static final int LEAST_TEXT_CELLS = 20;

  private final Console console;

  RecordLine(Console console) {
    this.console = console;
  }

  String format(ReadRecord message) {
    String place = message.timestamp() + " " + message.partition() + "@" + message.offset() + " ";
    if (message.content() instanceof Content.Tombstone) {
      String what = message.kind() == RecordKind.DEAD_LETTERS ? "retried " : "cancel ";
      return console.styled(Style.DIM, place) + what + safe(message.key().orElse("(no key)"));
    }
    if (message.content() instanceof Content.Undecodable bad) {
      String what = bad.code() + " (" + bad.bytes() + " bytes): " + bad.message();
      return console.styled(Style.DIM, place)
          + console.styled(Style.RED, DisplayText.oneLine(what));
    }
    Parts parts = parts(((Content.Decoded) message.content()).value());
    String head = safe(parts.id) + " " + parts.facts + " ";
    return console.styled(Style.DIM, place) + head + clipped(parts.text, place + head);
  }

  private record Parts(String id, String facts, String text) {}

  private static Parts parts(SpecificRecord value) {
    if (value instanceof PromptRequest prompt) {
      List<ChatMessage> turns = prompt.getMessages();
      String facts = turns.size() + (turns.size() == 1 ? " turn" : " turns");
      String last = turns.isEmpty() ? "" : turns.get(turns.size() - 1).getContent();
      return new Parts(prompt.getRequestId(), facts, last);
    }
    if (value instanceof CompletionChunk chunk) {
      String facts =
          "attempt "
              + chunk.getAttempt()
              + " token "
              + chunk.getTokenOffset()
              + "+"
              + chunk.getTokenCount()
              + (chunk.getSample() == 0 ? "" : " sample " + chunk.getSample())
              + (chunk.getChannel() == Channel.REASONING ? " reasoning" : "")
              + (chunk.getFinishReason() == null ? "" : " " + chunk.getFinishReason());
      return new Parts(chunk.getRequestId(), facts, chunk.getText());
    }
    if (value instanceof Completion completion) {
      String facts =
          completion.getFinishReason()
              + " "
              + completion.getUsage().getCompletionTokens()
              + " tok "
              + completion.getTimings().getTotalMs()
              + " ms"
              + (completion.getSamples().isEmpty()
                  ? ""
                  : " " + completion.getSamples().size() + " samples");
      return new Parts(completion.getRequestId(), facts, completion.getAnswer());
    }
    if (value instanceof ReasoningTrace trace) {
      return parts(trace);
    }
    DeadLetter letter = (DeadLetter) value;
    String id = letter.getRequestId() == null ? "(unknown request)" : letter.getRequestId();
    String from =
        letter.getErrorCode()
            + " from "
            + letter.getSourceTopic()
            + " "
            + letter.getSourcePartition()
            + "@"
            + letter.getSourceOffset();
    return new Parts(id, from, letter.getMessage());
  }

  private static Parts parts(ReasoningTrace trace) {
    int tokens =
        trace.getCalls().stream()
            .filter(call -> call.getUsage() != null)
            .mapToInt(call -> call.getUsage().getCompletionTokens())
            .sum();
    long ms = trace.getCompletedAt().toEpochMilli() - trace.getStartedAt().toEpochMilli();
    String facts =
        trace.getOutcome()
            + (trace.getErrorCode() == null ? "" : " " + trace.getErrorCode())
            + (trace.getWinner() == null
                ? ""
                : " candidate " + trace.getWinner() + " of " + trace.getSamples())
            + " %d calls %d tok %d ms".formatted(trace.getCalls().size(), tokens, ms);
    String text =
        trace.getErrorMessage() != null
            ? trace.getErrorMessage()
            : trace.getCandidates().stream()
                .filter(candidate -> Objects.equals(candidate.getIndex(), trace.getWinner()))
                .map(ReasoningCandidate::getAnswer)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
    return new Parts(trace.getRequestId(), facts, text);
  }

  private String clipped(String text, String before) {
    String line = DisplayText.oneLine(text);
    if (!console.terminal().outputIsTerminal()) {
      return line;
    }
    int room = console.terminal().columns() - DisplayText.width(before);
    return DisplayText.clip(line, Math.max(LEAST_TEXT_CELLS, room));
  }

  private static String safe(String text) {
    return DisplayText.oneLine(text);
  }
}

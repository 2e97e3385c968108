package ai.falaj.runtime.remote.protocol;

import static ai.falaj.runtime.remote.protocol.OpenAiProtocol.cannotResume;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.remote.protocol.WireCall.BegunAnswer;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Asks a server to go on with an answer, as the last message of the conversation.
 *
 * <p>Not where the result would be another one than that of an answer in one piece: a grammar
 * begins anew with what is generated, and half a tool call cannot be given.
 */
final class OpenAiContinuation {

  private static final String CHAT = "/chat/completions";

  private final Dialect dialect;

  OpenAiContinuation(Dialect dialect) {
    this.dialect = dialect;
  }

  String path(WireCall call) {
    boolean beta = call.begun().isPresent() && dialect.continuation() == Continuation.BETA_PREFIX;
    return beta ? "/beta" + CHAT : CHAT;
  }

  void write(GenerationRequest request, BegunAnswer begun, ObjectNode body) throws WireException {
    requirePossible(dialect, request);
    ObjectNode message = ((ArrayNode) body.get("messages")).addObject().put("role", "assistant");
    switch (dialect.continuation()) {
      case FINAL_MESSAGE -> {
        message.put("content", content(begun));
        body.put("continue_final_message", true).put("add_generation_prompt", false);
      }
      case FINAL_MESSAGE_WITH_REASONING -> {
        boolean inReasoning = begun.answer().isEmpty() && !begun.reasoning().isEmpty();
        message.put("content", begun.answer());
        if (!begun.reasoning().isEmpty()) {
          message.put("reasoning_content", begun.reasoning());
        }
        body.put("continue_final_message", inReasoning ? "reasoning_content" : "content");
        body.put("add_generation_prompt", false);
      }
      case PREFIX -> message.put("content", content(begun)).put("prefix", true);
      case BETA_PREFIX -> {
        if (begun.answer().isEmpty()) {
          throw cannotResume("this server goes on with answers, and not with reasoning alone");
        }
        message.put("content", begun.answer()).put("prefix", true);
        if (!begun.reasoning().isEmpty()) {
          message.put("reasoning_content", begun.reasoning());
        }
      }
      case NONE, LAST_MESSAGE -> throw cannotResume("this server cannot go on with an answer");
    }
  }

  static void requirePossible(Dialect dialect, GenerationRequest request) throws WireException {
    if (dialect.continuation() == Continuation.NONE) {
      throw cannotResume("this server cannot go on with an answer");
    }
    if (!(request.output() instanceof OutputFormat.Text)) {
      throw cannotResume("a server holds only what it adds to a format, and not the whole answer");
    }
    if (!request.tools().isEmpty()) {
      throw cannotResume("an answer that may hold tool calls cannot be gone on with");
    }
  }

  /** The text as the model wrote it, tags included, where tags are how it reasons. */
  private String content(BegunAnswer begun) throws WireException {
    if (begun.reasoning().isEmpty()) {
      return begun.answer();
    }
    if (dialect.reasoning() != Reasoning.TAGS) {
      throw cannotResume("this server goes on with answers, and not with reasoning");
    }
    return begun.answer().isEmpty()
        ? "<think>" + begun.reasoning()
        : "<think>" + begun.reasoning() + "</think>\n<answer>" + begun.answer();
  }
}

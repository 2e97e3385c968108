package ai.falaj.operators.routing;

import ai.falaj.operators.PromptRecord;
import ai.falaj.schemas.PromptRequest;
import java.util.List;
import java.util.Optional;

/**
 * Decides which model answers a request, and writes that model's name into the request: what is in
 * flight keeps it, so a restored or retried request goes on with the same model whatever the routes
 * say then. A request for a name that is no route is left as it is; a cancellation and what cannot
 * be read pass.
 *
 * <p>All requests of a conversation go to the same target; others are spread by their id. Shadows
 * are chosen request by request; the inference makes the copies, as it knows what was said before.
 * Confined to the owner of its table.
 */
final class Router {

  private final RouteTable table;

  Router(RouteTable table) {
    this.table = table;
  }

  /**
   * What becomes of a record.
   *
   * @param target that a route chose; empty where no route concerns it
   * @param prompt goes on, perhaps naming another model, and the models of its shadows
   */
  record Decision(Optional<String> target, PromptRecord prompt) {
    private static Decision passing(PromptRecord record) {
      return new Decision(Optional.empty(), record);
    }

    List<String> shadows() {
      return prompt.content() instanceof PromptRecord.Request request
          ? request.shadows()
          : List.of();
    }
  }

  Decision decide(PromptRecord record) {
    if (!(record.content() instanceof PromptRecord.Request content)) {
      return Decision.passing(record);
    }
    PromptRequest request = content.request();
    Optional<Route> route =
        table.find(request.getModel() == null ? Route.DEFAULT : request.getModel());
    if (route.isEmpty()) {
      return Decision.passing(record);
    }
    String key =
        request.getConversationId() == null ? request.getRequestId() : request.getConversationId();
    String target = route.get().target(key);
    return new Decision(
        Optional.of(target),
        naming(target, route.get().shadows(request.getRequestId()), record, request));
  }

  private static PromptRecord naming(
      String model, List<String> shadows, PromptRecord record, PromptRequest request) {
    if (model.equals(request.getModel()) && shadows.isEmpty()) {
      return record;
    }
    PromptRequest renamed = PromptRequest.newBuilder(request).setModel(model).build();
    return record.withContent(new PromptRecord.Request(renamed, shadows));
  }
}

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
 * are chosen request by request. Confined to the owner of its table.
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
   * @param prompt goes on, perhaps naming another model
   * @param shadows copies of it whose answers nobody waits for
   */
  record Decision(Optional<String> target, PromptRecord prompt, List<Shadow> shadows) {
    private static Decision passing(PromptRecord record) {
      return new Decision(Optional.empty(), record, List.of());
    }
  }

  /** A copy of a request for a model that does not answer it. */
  record Shadow(String model, PromptRecord prompt) {}

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
        naming(target, record, request),
        route.get().shadows(request.getRequestId()).stream()
            .map(model -> new Shadow(model, naming(model, record, request)))
            .toList());
  }

  private static PromptRecord naming(String model, PromptRecord record, PromptRequest request) {
    if (model.equals(request.getModel())) {
      return record;
    }
    PromptRequest renamed = PromptRequest.newBuilder(request).setModel(model).build();
    return record.withContent(new PromptRecord.Request(renamed));
  }
}

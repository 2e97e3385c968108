package ai.falaj.schemas;

import java.util.List;

/**
 * Records of the topics that version 4 added, every field set. The files in {@code
 * src/test/resources/schemas/v4} hold the same records: leave these values and set no later field,
 * so that those files still read as equal to them.
 */
public final class RecordsOfVersion4 {

  private RecordsOfVersion4() {}

  public static RouteUpdate routeUpdate() {
    return RouteUpdate.newBuilder()
        .setRoute("k2")
        .setTargets(List.of(new RouteTarget("k2", 90), new RouteTarget("k2-canary", 10)))
        .setShadows(List.of(new RouteShadow("gpt-oss", 2.5)))
        .setUpdatedAt(Records.NOON)
        .build();
  }
}

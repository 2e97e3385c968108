package ai.falaj.jobs.dashboard.push;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The events that pages may ask for. */
public enum EventKind {
  OVERVIEW("overview"),
  RUNNING("running"),
  CHUNKS("chunks"),
  COMPLETION("completion"),
  DEAD_LETTER("deadLetter"),
  USAGE("usage"),
  LABELS("labels"),
  ALERT("alert"),
  WORKERS("workers"),
  TRACE("trace"),
  FEED("feed");

  private final String label;

  EventKind(String label) {
    this.label = label;
  }

  /** As the API names it. */
  public String label() {
    return label;
  }

  /** The kinds in a list such as {@code overview,chunks}; empty where one of them is none. */
  public static Optional<Set<EventKind>> parse(String list) {
    Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
    for (String name : list.split(",")) {
      Optional<EventKind> kind = of(name.strip());
      if (kind.isEmpty()) {
        return Optional.empty();
      }
      kinds.add(kind.get());
    }
    return Optional.of(kinds);
  }

  private static Optional<EventKind> of(String label) {
    for (EventKind kind : values()) {
      if (kind.label.equals(label)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}

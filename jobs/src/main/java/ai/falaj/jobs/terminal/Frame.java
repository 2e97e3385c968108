package ai.falaj.jobs.terminal;

import java.util.List;
import java.util.stream.Collectors;

/** A picture that fills a terminal, line by line. Immutable. */
public record Frame(List<Line> lines) {

  public Frame {
    lines = List.copyOf(lines);
  }

  /** The characters alone, for tests. */
  public String text() {
    return lines.stream()
        .map(Line::text)
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n"));
  }
}

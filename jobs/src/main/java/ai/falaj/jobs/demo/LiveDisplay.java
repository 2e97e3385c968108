package ai.falaj.jobs.demo;

import ai.falaj.jobs.terminal.Screen;
import org.jline.terminal.Size;

/** Panes on a terminal, redrawn in place at most ten times a second. */
final class LiveDisplay implements DemoDisplay {

  private static final long REDRAW_MS = 100;

  private final DemoView view;
  private final Screen screen;
  private long nextDrawMs = Long.MIN_VALUE;

  LiveDisplay(DemoView view, Screen screen) {
    this.view = view;
    this.screen = screen;
  }

  @Override
  public void ended(TrackedRequest request) {
    // The next picture shows it.
  }

  @Override
  public void update(long nowMs) {
    if (nowMs < nextDrawMs) {
      return;
    }
    nextDrawMs = nowMs + REDRAW_MS;
    Size size = screen.size();
    screen.draw(DemoRenderer.render(view.state(nowMs), size.getColumns(), size.getRows()));
  }

  @Override
  public void close() {
    screen.close();
  }
}

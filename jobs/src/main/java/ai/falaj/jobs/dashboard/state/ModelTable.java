package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.ModelView;
import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.Provenance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What made completions: each file, engine and adapter once, the latest {@value #MOST_MODELS} of
 * them. Not thread-safe.
 */
final class ModelTable {

  private static final int MOST_MODELS = 100;

  private final Map<Key, Tally> models =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Tally> eldest) {
          return size() > MOST_MODELS;
        }
      };

  private record Key(
      String model,
      String sha256,
      String engine,
      String engineVersion,
      String quantization,
      String adapter) {}

  private static final class Tally {
    private long completions;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs = Long.MIN_VALUE;
  }

  void add(Completion completion) {
    Provenance made = completion.getProvenance();
    Key key =
        new Key(
            Names.bounded(made.getModel()),
            Names.boundedOrNull(made.getModelSha256()),
            Names.bounded(made.getEngine()),
            Names.bounded(made.getEngineVersion()),
            Names.boundedOrNull(made.getQuantization()),
            Names.boundedOrNull(made.getAdapter()));
    Tally tally = models.computeIfAbsent(key, unknown -> new Tally());
    long completedMs = completion.getCompletedAt().toEpochMilli();
    tally.completions++;
    tally.firstMs = Math.min(tally.firstMs, completedMs);
    tally.lastMs = Math.max(tally.lastMs, completedMs);
  }

  /** The one that answered last first. */
  List<ModelView> view() {
    List<ModelView> views = new ArrayList<>();
    models.forEach(
        (key, tally) ->
            views.add(
                new ModelView(
                    key.model(),
                    key.sha256(),
                    key.engine(),
                    key.engineVersion(),
                    key.quantization(),
                    key.adapter(),
                    tally.completions,
                    tally.firstMs,
                    tally.lastMs)));
    views.sort(Comparator.comparingLong(ModelView::lastAt).reversed());
    return views;
  }
}

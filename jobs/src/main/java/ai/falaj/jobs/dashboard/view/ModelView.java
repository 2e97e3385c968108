package ai.falaj.jobs.dashboard.view;

/** What answered, as completions tell. */
public record ModelView(
    String model,
    String modelSha256,
    String engine,
    String engineVersion,
    String quantization,
    String adapter,
    long completions,
    long firstAt,
    long lastAt) {}

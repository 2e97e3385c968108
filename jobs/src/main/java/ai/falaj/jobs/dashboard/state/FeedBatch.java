package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.ChunkBatchView;
import ai.falaj.jobs.dashboard.view.DeadLetterRow;
import ai.falaj.jobs.dashboard.view.RequestRow;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What happened since the last batch.
 *
 * @param changedRequests ids of requests whose trace changed
 */
public record FeedBatch(
    ChunkBatchView chunks,
    List<RequestRow> completions,
    List<DeadLetterRow> deadLetters,
    List<Map<String, Object>> usage,
    List<Map<String, Object>> labels,
    List<Map<String, Object>> alerts,
    Set<String> changedRequests) {}

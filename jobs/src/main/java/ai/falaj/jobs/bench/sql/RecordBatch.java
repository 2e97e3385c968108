package ai.falaj.jobs.bench.sql;

import java.util.List;

/**
 * The load of a round.
 *
 * @param instruction the system message of every request, which nobody saw in an earlier round
 * @param records user messages
 */
record RecordBatch(String instruction, List<String> records) {

  RecordBatch {
    records = List.copyOf(records);
  }

  /** The first records, all where there are no more. */
  RecordBatch first(int count) {
    return count >= records.size() ? this : new RecordBatch(instruction, records.subList(0, count));
  }
}

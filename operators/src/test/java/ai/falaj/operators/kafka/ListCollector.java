package ai.falaj.operators.kafka;

import java.util.List;
import org.apache.flink.util.Collector;

record ListCollector<T>(List<T> list) implements Collector<T> {
  @Override
  public void collect(T record) {
    list.add(record);
  }

  @Override
  public void close() {}
}

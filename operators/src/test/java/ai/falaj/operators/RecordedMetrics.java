package ai.falaj.operators;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;

/** A metric group that keeps what is registered in it and below it, by path. */
final class RecordedMetrics implements MetricGroup {

  private final String prefix;
  private final Map<String, Metric> metrics;

  RecordedMetrics() {
    this("", new HashMap<>());
  }

  private RecordedMetrics(String prefix, Map<String, Metric> metrics) {
    this.prefix = prefix;
    this.metrics = metrics;
  }

  Set<String> paths() {
    return Set.copyOf(metrics.keySet());
  }

  long count(String path) {
    return ((Counter) metrics.get(path)).getCount();
  }

  Object value(String path) {
    return ((Gauge<?>) metrics.get(path)).getValue();
  }

  Histogram histogram(String path) {
    return (Histogram) metrics.get(path);
  }

  @Override
  public Counter counter(String name) {
    return counter(name, new SimpleCounter());
  }

  @Override
  public <C extends Counter> C counter(String name, C counter) {
    return put(name, counter);
  }

  @Override
  public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
    return put(name, gauge);
  }

  @Override
  public <H extends Histogram> H histogram(String name, H histogram) {
    return put(name, histogram);
  }

  @Override
  public <M extends Meter> M meter(String name, M meter) {
    return put(name, meter);
  }

  private <M extends Metric> M put(String name, M metric) {
    if (metrics.put(prefix + name, metric) != null) {
      throw new IllegalStateException("registered twice: " + prefix + name);
    }
    return metric;
  }

  @Override
  public MetricGroup addGroup(String name) {
    return new RecordedMetrics(prefix + name + ".", metrics);
  }

  @Override
  public MetricGroup addGroup(String key, String value) {
    return addGroup(key).addGroup(value);
  }

  @Override
  public String[] getScopeComponents() {
    return new String[0];
  }

  @Override
  public Map<String, String> getAllVariables() {
    return Map.of();
  }

  @Override
  public String getMetricIdentifier(String name) {
    return prefix + name;
  }

  @Override
  public String getMetricIdentifier(String name, CharacterFilter filter) {
    return prefix + name;
  }
}

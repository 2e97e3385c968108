package ai.falaj.operators.reasoning;

import ai.falaj.operators.OutputRecord;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** A sink that keeps the records of a job in this JVM. */
final class CollectedRecords<T extends SpecificRecord> implements Sink<OutputRecord<T>> {

  private static final long serialVersionUID = 1L;

  private static final Map<String, List<Object>> RECORDS = new ConcurrentHashMap<>();

  private final String name;
  private final Class<T> recordClass;

  CollectedRecords(String name, Class<T> recordClass) {
    this.name = name + " " + recordClass.getSimpleName();
    this.recordClass = recordClass;
    RECORDS.put(this.name, new CopyOnWriteArrayList<>());
  }

  List<T> values() {
    return RECORDS.get(name).stream().map(recordClass::cast).toList();
  }

  @Override
  public SinkWriter<OutputRecord<T>> createWriter(WriterInitContext context) {
    List<Object> records = RECORDS.get(name);
    return new SinkWriter<>() {
      @Override
      public void write(OutputRecord<T> element, Context unused) {
        records.add(element.value());
      }

      @Override
      public void flush(boolean endOfInput) {}

      @Override
      public void close() {}
    };
  }
}

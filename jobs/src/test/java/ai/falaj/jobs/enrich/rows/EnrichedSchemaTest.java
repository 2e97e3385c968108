package ai.falaj.jobs.enrich.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputType;
import ai.falaj.schemas.serde.GenericRecordDeserializer;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class EnrichedSchemaTest {

  private static final Schema INPUT =
      SchemaBuilder.record("Order")
          .namespace("shop")
          .fields()
          .requiredString("id")
          .name("day")
          .type(LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT)))
          .noDefault()
          .endRecord();

  private static final List<OutputField> ADDED =
      List.of(
          OutputField.required("price", OutputType.decimal(8, 2)),
          OutputField.required("born", OutputType.Scalar.DATE),
          OutputField.required("at", OutputType.Scalar.TIMESTAMP),
          OutputField.required("seen", OutputType.Scalar.TIMESTAMP_LTZ),
          OutputField.required("tags", OutputType.arrayOf(OutputType.Scalar.STRING)),
          OutputField.required(
              "who",
              OutputType.rowOf(
                  OutputField.required("name", OutputType.Scalar.STRING),
                  OutputField.optional("age", OutputType.Scalar.INT))));

  @Test
  void aSchemaWithMoreFieldsReadsWhatWasWrittenWithLess() {
    Schema less = EnrichedSchema.of(INPUT, ADDED.subList(0, 2));
    Schema more = EnrichedSchema.of(INPUT, ADDED);
    assertThat(SchemaCompatibility.checkReaderWriterCompatibility(more, less).getType())
        .isEqualTo(SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE);
    assertThat(more.getFullName()).isEqualTo("shop.OrderEnriched");
  }

  @Test
  void writesEveryTypeAndCopiesTheInput() throws Exception {
    InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    Schema schema = EnrichedSchema.of(INPUT, ADDED);
    int id = registry.register("t-value", schema);
    GenericData.Record order = new GenericData.Record(INPUT);
    order.put("id", "o1");
    order.put("day", 20_000);
    List<Object> values =
        List.of(
            new BigDecimal("12.50"),
            LocalDate.of(2026, 11, 24),
            LocalDateTime.of(2026, 11, 24, 8, 30),
            Instant.parse("2026-11-24T04:30:00Z"),
            List.of("a", "b"),
            Map.of("name", "Amna"));
    byte[] bytes =
        new AvroEncoding(schema, id, ADDED.size()).open().write(new AvroRow(order), values);

    GenericRecord read = new GenericRecordDeserializer(schema, registry).deserialize("t", bytes);
    assertThat(new ObjectMapper().readTree(JsonRows.bytes(new AvroRow(read).toJson())))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"id":"o1","day":"2024-10-04","price":12.50,"born":"2026-11-24",
                     "at":"2026-11-24T08:30","seen":"2026-11-24T04:30:00Z","tags":["a","b"],
                     "who":{"name":"Amna","age":null}}
                    """));
  }

  @Test
  void writesNullsWhereThereAreNoValues() {
    Schema schema = EnrichedSchema.of(INPUT, ADDED);
    GenericData.Record order = new GenericData.Record(INPUT);
    order.put("id", "o1");
    order.put("day", 1);
    byte[] bytes =
        new AvroEncoding(schema, 7, ADDED.size())
            .open()
            .write(new AvroRow(order), Arrays.asList(new Object[ADDED.size()]));
    assertThat(bytes).hasSizeGreaterThan(5);
  }

  @Test
  void refusesANameThatAvroDoesNotHave() {
    assertThatThrownBy(
            () ->
                EnrichedSchema.of(
                    INPUT, List.of(OutputField.required("my field", OutputType.Scalar.INT))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("output.fields: 'my field' cannot be a field of an Avro record");
  }
}

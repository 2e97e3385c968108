package ai.falaj.operators.fields;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.fields.FieldConstraint.AtLeast;
import ai.falaj.operators.fields.FieldConstraint.AtMost;
import ai.falaj.operators.fields.FieldConstraint.MaxItems;
import ai.falaj.operators.fields.FieldConstraint.MaxLength;
import ai.falaj.operators.fields.FieldConstraint.MinItems;
import ai.falaj.operators.fields.FieldConstraint.MinLength;
import ai.falaj.operators.fields.FieldConstraint.OneOf;
import ai.falaj.operators.fields.OutputType.Scalar;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputReaderTest {

  private static final OutputSchema REVIEW =
      OutputSchema.of(
          OutputField.required("class", Scalar.STRING).with(new OneOf("جيد", "سيئ")),
          OutputField.required("stars", Scalar.INT).with(new AtLeast(1), new AtMost(5)),
          OutputField.optional("note", Scalar.STRING));

  @Test
  void readsEveryTypeAsItsJavaType() {
    OutputSchema schema =
        OutputSchema.of(
            OutputField.required("text", Scalar.STRING),
            OutputField.required("yes", Scalar.BOOLEAN),
            OutputField.required("int", Scalar.INT),
            OutputField.required("long", Scalar.BIGINT),
            OutputField.required("double", Scalar.DOUBLE),
            OutputField.required("decimal", OutputType.decimal(5, 2)),
            OutputField.required("day", Scalar.DATE),
            OutputField.required("local", Scalar.TIMESTAMP),
            OutputField.required("instant", Scalar.TIMESTAMP_LTZ));

    assertThat(
            valuesOf(
                schema,
                """
                {"text": "a\\nb", "yes": true, "int": -7, "long": 9007199254740993, "double": 0.1,
                 "decimal": 1.5, "day": "2024-02-29", "local": "2026-11-24T08:30:00",
                 "instant": "2026-11-24T08:30:00+04:00"}
                """))
        .containsExactly(
            "a\nb",
            true,
            -7,
            9_007_199_254_740_993L,
            0.1,
            new BigDecimal("1.50"),
            LocalDate.of(2024, 2, 29),
            LocalDateTime.of(2026, 11, 24, 8, 30),
            Instant.parse("2026-11-24T04:30:00Z"));
  }

  @Test
  void readsArabicAndFieldsInAnyOrder() {
    assertThat(valuesOf(REVIEW, "{\"note\": \"شكراً 🌙\", \"stars\": 5, \"class\": \"جيد\"}"))
        .containsExactly("جيد", 5, "شكراً 🌙");
  }

  @Test
  void readsRowsAndArraysWithinEachOther() {
    OutputSchema schema =
        OutputSchema.of(
            OutputField.required(
                "lines",
                new OutputType.Array(
                    OutputField.optional(
                        "line",
                        OutputType.rowOf(
                            OutputField.required("item", Scalar.STRING),
                            OutputField.required("counts", OutputType.arrayOf(Scalar.INT)))))));

    assertThat(valuesOf(schema, "{\"lines\": [{\"item\": \"a\", \"counts\": [1, 2]}, null]}"))
        .containsExactly(Arrays.asList(Map.of("item", "a", "counts", List.of(1, 2)), null));
    assertInvalid(
        schema,
        "{\"lines\": [null, {\"item\": \"a\", \"counts\": [1, \"2\"]}]}",
        OutputErrorCode.WRONG_TYPE,
        "/lines/1/counts/1: it is a string; a number is wanted");
    assertInvalid(
        schema,
        "{\"lines\": [{\"item\": \"a\"}]}",
        OutputErrorCode.MISSING_FIELD,
        "/lines/0/counts: the field is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000", "1e3", "1.0e+3", "1000.0", "10000E-1"})
  void takesAnIntegerHoweverItIsWritten(String number) {
    assertThat(valuesOf(one(Scalar.INT), "{\"x\": " + number + "}")).containsExactly(1000);
    assertThat(valuesOf(one(Scalar.BIGINT), "{\"x\": " + number + "}")).containsExactly(1000L);
  }

  @ParameterizedTest
  @CsvSource({
    "2147483648, OUT_OF_RANGE, /x: the number does not fit INT",
    "1e999999999, OUT_OF_RANGE, /x: the number does not fit BIGINT",
    "1e-999999999, WRONG_TYPE, /x: it has a fraction; an integer is wanted",
    "3.5, WRONG_TYPE, /x: it has a fraction; an integer is wanted",
    "true, WRONG_TYPE, /x: it is a boolean; a number is wanted",
    "\"3\", WRONG_TYPE, /x: it is a string; a number is wanted",
    "null, UNEXPECTED_NULL, /x: it is null and must not be",
  })
  @Timeout(10)
  void saysWhyAnIntegerIsNone(String json, OutputErrorCode code, String message) {
    assertInvalid(one(Scalar.INT), "{\"x\": " + json + "}", code, message);
  }

  @Test
  void holdsALongToItsRange() {
    assertThat(valuesOf(one(Scalar.BIGINT), "{\"x\": -9223372036854775808}"))
        .containsExactly(Long.MIN_VALUE);
    assertInvalid(
        one(Scalar.BIGINT),
        "{\"x\": 9223372036854775808}",
        OutputErrorCode.OUT_OF_RANGE,
        "/x: the number does not fit BIGINT");
  }

  @ParameterizedTest
  @CsvSource({"1.005, 1.01", "-1.005, -1.01", "9.99e2, 999.00", "0, 0.00", "1e-999999999, 0.00"})
  void roundsADecimalAsACastDoes(String json, BigDecimal value) {
    assertThat(valuesOf(one(OutputType.decimal(5, 2)), "{\"x\": " + json + "}"))
        .containsExactly(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000", "999.995", "-1e3", "1e999999999"})
  void refusesADecimalOfTooManyDigits(String json) {
    assertInvalid(
        one(OutputType.decimal(5, 2)),
        "{\"x\": " + json + "}",
        OutputErrorCode.OUT_OF_RANGE,
        "/x: the number does not fit DECIMAL(5, 2)");
  }

  @Test
  void refusesADoubleBeyondTheLargest() {
    assertInvalid(
        one(Scalar.DOUBLE),
        "{\"x\": -1e400}",
        OutputErrorCode.OUT_OF_RANGE,
        "/x: the number does not fit DOUBLE");
  }

  @Test
  void refusesDaysThatDoNotExist() {
    assertInvalid(
        one(Scalar.DATE),
        "{\"x\": \"2026-02-30\"}",
        OutputErrorCode.WRONG_TYPE,
        "/x: '2026-02-30' is not a date like 2026-11-24 that exists");
    assertInvalid(
        one(Scalar.TIMESTAMP),
        "{\"x\": \"2026-02-03T10:00:00Z\"}",
        OutputErrorCode.WRONG_TYPE,
        "/x: '2026-02-03T10:00:00Z' is not a time like 2026-11-24T08:30:00 that exists");
    assertInvalid(
        one(Scalar.TIMESTAMP_LTZ),
        "{\"x\": \"2026-02-03T10:00:00\"}",
        OutputErrorCode.WRONG_TYPE,
        "/x: '2026-02-03T10:00:00' is not a time like 2026-11-24T08:30:00Z that exists");
  }

  @Test
  void refusesWhatTheConstraintsDoNotAllow() {
    assertInvalid(
        REVIEW,
        "{\"class\": \"ممتاز\", \"stars\": 5, \"note\": null}",
        OutputErrorCode.NOT_ALLOWED,
        "/class: 'ممتاز' is none of [جيد, سيئ]");
    assertInvalid(
        REVIEW,
        "{\"class\": \"جيد\", \"stars\": 0, \"note\": null}",
        OutputErrorCode.OUT_OF_RANGE,
        "/stars: 0 is below the minimum, 1");
    assertInvalid(
        REVIEW,
        "{\"class\": \"جيد\", \"stars\": 6, \"note\": null}",
        OutputErrorCode.OUT_OF_RANGE,
        "/stars: 6 is above the maximum, 5");
    assertInvalid(
        OutputSchema.of(
            OutputField.required("x", Scalar.STRING).with(new MatchingPattern("^\\d+$"))),
        "{\"x\": \"12\\n\"}",
        OutputErrorCode.NOT_ALLOWED,
        "/x: '12\n' does not match ^\\d+$");
  }

  @Test
  void countsCodePointsAndElements() {
    OutputSchema text =
        OutputSchema.of(
            OutputField.required("x", Scalar.STRING).with(new MinLength(2), new MaxLength(3)));
    OutputSchema array =
        OutputSchema.of(
            OutputField.required("x", OutputType.arrayOf(Scalar.BOOLEAN))
                .with(new MinItems(1), new MaxItems(1)));

    assertThat(valuesOf(text, "{\"x\": \"🌙🌙🌙\"}")).containsExactly("🌙🌙🌙");
    assertInvalid(
        text,
        "{\"x\": \"🌙\"}",
        OutputErrorCode.WRONG_LENGTH,
        "/x: it has 1 characters; at least 2 are wanted");
    assertInvalid(
        text,
        "{\"x\": \"abcd\"}",
        OutputErrorCode.WRONG_LENGTH,
        "/x: it has 4 characters; at most 3 are wanted");
    assertInvalid(
        array,
        "{\"x\": []}",
        OutputErrorCode.WRONG_LENGTH,
        "/x: it has 0 elements; at least 1 are wanted");
    assertInvalid(
        array,
        "{\"x\": [true, true]}",
        OutputErrorCode.WRONG_LENGTH,
        "/x: it has 2 elements; at most 1 are wanted");
  }

  @Test
  void wantsEveryFieldAndNoOther() {
    assertInvalid(
        REVIEW,
        "{\"class\": \"جيد\", \"stars\": 3}",
        OutputErrorCode.MISSING_FIELD,
        "/note: the field is missing");
    assertInvalid(
        REVIEW,
        "{\"class\": \"جيد\", \"stars\": 3, \"note\": null, \"a/b\": 1}",
        OutputErrorCode.UNEXPECTED_FIELD,
        "/a~1b: there is no such field");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"x\": 1} I hope this helps",
        "{\"x\": 1} {\"x\": 2}",
        "Here it is: {\"x\": 1}",
        "{'x': 1}",
        "{\"x\": 1,}",
        "{\"x\": 1, \"x\": 2}",
        "{\"x\": 01}",
        "{\"x\": NaN}",
        "",
        "  \n",
        "```",
        "```json\nno json\n```"
      })
  void takesOneJsonObjectAndNothingAroundIt(String text) {
    ParsedOutput.Invalid invalid = (ParsedOutput.Invalid) one(Scalar.INT).parse(text);

    assertThat(invalid.code()).isEqualTo(OutputErrorCode.NOT_JSON);
    assertThat(invalid.message()).startsWith("the answer is ").doesNotContain("hope");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"x\"", "{\"x\": ", "{\"x\": 1", "{\"x\": \"ab", "{\"x\": [1, "})
  void tellsJsonThatWasCutFromTextThatIsNone(String text) {
    assertInvalid(
        one(Scalar.INT),
        text,
        OutputErrorCode.TRUNCATED,
        "the JSON ends before its end, after %d characters".formatted(text.length()));
  }

  @Test
  void looksThroughACodeFence() {
    assertThat(valuesOf(one(Scalar.INT), " ```json\n{\"x\": 1}\n```\n")).containsExactly(1);
    assertThat(valuesOf(one(Scalar.INT), "```\n{\"x\": 1}```")).containsExactly(1);
  }

  @Test
  void wantsAnObject() {
    assertInvalid(
        one(Scalar.INT), "[1]", OutputErrorCode.WRONG_TYPE, "it is an array; an object is wanted");
    assertInvalid(
        one(OutputType.arrayOf(Scalar.INT)),
        "{\"x\": {}}",
        OutputErrorCode.WRONG_TYPE,
        "/x: it is an object; an array is wanted");
    assertInvalid(
        one(Scalar.BOOLEAN),
        "{\"x\": \"true\"}",
        OutputErrorCode.WRONG_TYPE,
        "/x: it is a string; a boolean is wanted");
    assertInvalid(
        one(Scalar.DATE),
        "{\"x\": 2026}",
        OutputErrorCode.WRONG_TYPE,
        "/x: it is a number; a date like 2026-11-24 is wanted");
  }

  @Test
  @Timeout(10)
  void survivesTextsThatAreMeantToHurt() {
    OutputSchema schema = one(OutputType.arrayOf(Scalar.INT));

    assertThat(schema.parse("{\"x\": " + "[".repeat(1_000_000)))
        .isInstanceOf(ParsedOutput.Invalid.class);
    assertThat(schema.parse("{\"x\": " + "9".repeat(1_000_000) + "}"))
        .isInstanceOf(ParsedOutput.Invalid.class);
    assertThat(schema.parse("{\"x\": \"" + "a".repeat(200) + "\"}"))
        .isInstanceOf(ParsedOutput.Invalid.class);
  }

  @Test
  void showsOnlyTheBeginningOfALongText() {
    OutputSchema schema =
        OutputSchema.of(OutputField.required("x", Scalar.STRING).with(new OneOf("a")));

    assertInvalid(
        schema,
        "{\"x\": \"" + "ع".repeat(100) + "\"}",
        OutputErrorCode.NOT_ALLOWED,
        "/x: '" + "ع".repeat(40) + "...' is none of [a]");
  }

  private static OutputSchema one(OutputType type) {
    return OutputSchema.of(OutputField.required("x", type));
  }

  private static List<Object> valuesOf(OutputSchema schema, String text) {
    ParsedOutput parsed = schema.parse(text);
    assertThat(parsed).isInstanceOf(ParsedOutput.Values.class);
    return ((ParsedOutput.Values) parsed).values();
  }

  private static void assertInvalid(
      OutputSchema schema, String text, OutputErrorCode code, String message) {
    assertThat(schema.parse(text))
        .isEqualTo(new ParsedOutput.Invalid(new OutputProblem(code, message)));
  }
}

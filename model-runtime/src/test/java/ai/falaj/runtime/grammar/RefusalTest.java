package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no grammar is made of is refused with its place. */
class RefusalTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'not':{}}|/not",
        "{'properties':{'a/b':{'if':true}}}|/properties/a~1b/if",
        "{'$defs':{'x':{'contains':{}}}}|/$defs/x/contains",
        "{'items':{'uniqueItems':true}}|/items/uniqueItems",
        "{'type':'integer','multipleOf':3}|/multipleOf",
        "{'patternProperties':{}}|/patternProperties",
        "{'propertyNames':{}}|/propertyNames",
        "{'unevaluatedProperties':false}|/unevaluatedProperties",
        "{'dependentRequired':{}}|/dependentRequired",
        "{'$dynamicRef':'#a'}|/$dynamicRef",
        "{'nonsense':1}|/nonsense",
        "{'$ref':'other.json'}|/$ref",
        "{'$ref':'#anchor'}|/$ref",
        "{'items':{'$id':'http://x'}}|/items/$id",
        "{'format':'iban'}|/format",
        "{'pattern':'(?=a)'}|/pattern",
        "{'maxLength':1000000}|/maxLength",
        "{'maxItems':100000}|/maxItems",
        "{'type':'number','minimum':0.12345678901234567}|/minimum",
        "{'type':'integer','maximum':1e400}|/maximum",
        "{'oneOf':[{'type':'integer'},{'type':'number'}]}|/oneOf",
        "{'oneOf':[{'properties':{'a':{}}},{'properties':{'b':{}}}]}|/oneOf",
        "{'properties':{'a':{}},'minProperties':1}|``",
      })
  void whatIsNotSupported(String schema, String path) {
    UnsupportedFormatException refusal = refusal(schema);
    assertThat(refusal.path()).isEqualTo(path);
    assertThat(refusal.isMalformed()).isFalse();
    assertThat(refusal.code()).isEqualTo(RuntimeErrorCode.UNSUPPORTED_PARAMETER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{|``",
        "[]|``",
        "7|``",
        "``|``",
        "{'type':'text'}|/type",
        "{'type':[]}|/type",
        "{'type':['null','null']}|/type",
        "{'a':1,'a':2}|``",
        "{} {}|``",
        "{'enum':[]}|/enum",
        "{'enum':[1],'const':2}|/const",
        "{'minLength':-1}|/minLength",
        "{'minLength':'1'}|/minLength",
        "{'minLength':5,'maxLength':4}|/minLength",
        "{'minItems':1.5}|/minItems",
        "{'minimum':2,'maximum':1}|``",
        "{'minimum':'2'}|/minimum",
        "{'required':['a','a']}|/required",
        "{'required':[1]}|/required",
        "{'properties':[]}|/properties",
        "{'properties':{'a':3}}|/properties/a",
        "{'items':[{}]}|/items",
        "{'anyOf':[]}|/anyOf",
        "{'anyOf':{}}|/anyOf",
        "{'pattern':'['}|/pattern",
        "{'$ref':'#/$defs/none'}|/$ref",
        "{'$ref':'#'}|``",
        "{'allOf':[{'$ref':'#'}]}|``",
        "false|``",
        "{'allOf':[{'const':1},{'const':2}]}|``",
        "{'properties':{'a':false},'required':['a']}|/properties/a",
        "{'additionalProperties':false,'required':['a']}|/additionalProperties",
        "{'properties':{'n':{'$ref':'#'}},'required':['n']}|``",
        "{'type':'integer','exclusiveMinimum':1,'exclusiveMaximum':2}|``",
        "{'pattern':'^a$','minLength':2}|``",
      })
  void whatIsMalformedOrSatisfiedByNothing(String schema, String path) {
    UnsupportedFormatException refusal = refusal(schema);
    assertThat(refusal.path()).isEqualTo(path);
    assertThat(refusal.isMalformed()).isTrue();
    assertThat(refusal.code()).isEqualTo(RuntimeErrorCode.INVALID_PARAMETER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a(?!b);position 3",
        "(a)\\1;position 3",
        "\\bx;position 0",
        "(?<n>a);position 2",
        "\\p{L};position 0",
        "a{3000};position 2",
        "(((a{900}){900}){900});position 0",
        "(a|b)*a(a|b){30};position 0"
      })
  void patternsThatAreNotSupported(String pattern, String path) {
    UnsupportedFormatException refusal = refusal(new OutputFormat.Regex(pattern));
    assertThat(refusal.path()).isEqualTo(path);
    assertThat(refusal.isMalformed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a);position 1", "(a;position 0", "[a;position 0", "*;position 0", "a**;position 2",
        "a{2,1};position 1", "[z-a];position 1", "\\q;position 0", "a$b;position 0",
            "a{x};position 2"
      })
  void patternsThatAreMalformedOrMatchNothing(String pattern, String path) {
    UnsupportedFormatException refusal = refusal(new OutputFormat.Regex(pattern));
    assertThat(refusal.path()).isEqualTo(path);
    assertThat(refusal.isMalformed()).isTrue();
  }

  @Test
  void namesTheChoiceThatCannotBeWritten() {
    assertThat(refusal(new OutputFormat.Choice(List.of("a", "\ud800"))).path())
        .isEqualTo("choice 1");
    assertThat(refusal(new OutputFormat.Choice(List.of("a".repeat(20_000)))).path())
        .isEqualTo("choice 0");
  }

  @Test
  void schemasThatMultiplyWithoutEndAreRefusedSoon() {
    String doubling =
        IntStream.range(0, 30)
            .mapToObj(
                i ->
                    "'d%d':{'anyOf':[{'$ref':'#/$defs/d%d'},{'$ref':'#/$defs/d%d'}]}"
                        .formatted(i, i + 1, i + 1))
            .collect(Collectors.joining(","));
    String schema = "{'$ref':'#/$defs/d0','$defs':{" + doubling + ",'d30':{'const':1}}}";
    assertThat(refusal(schema).getMessage()).contains("alternatives");
  }

  @Test
  void schemasThatAreTooDeepOrTooLongAreRefused() {
    assertThat(refusal("{'items':".repeat(200) + "{}" + "}".repeat(200)).isMalformed()).isFalse();
    String longText = "{'description':'" + "a".repeat(300_000) + "'}";
    assertThat(refusal(longText).isMalformed()).isFalse();
  }

  @Test
  void longChainsOfReferencesAreRefused() {
    String chain =
        IntStream.range(0, 5_000)
            .mapToObj(i -> "'d%d':{'$ref':'#/$defs/d%d'}".formatted(i, i + 1))
            .collect(Collectors.joining(","));
    String schema = "{'$ref':'#/$defs/d0','$defs':{" + chain + ",'d5000':{}}}";
    assertThat(refusal(schema).getMessage()).contains("chain");
  }

  private static UnsupportedFormatException refusal(String schema) {
    return refusal(new OutputFormat.JsonSchema(schema.replace('\'', '"')));
  }

  private static UnsupportedFormatException refusal(OutputFormat format) {
    UnsupportedFormatException refusal =
        catchThrowableOfType(UnsupportedFormatException.class, () -> OutputGrammar.compile(format));
    assertThat(refusal).as("refusal of %s", format).isNotNull();
    return refusal;
  }
}

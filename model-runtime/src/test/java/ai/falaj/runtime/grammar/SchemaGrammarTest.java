package ai.falaj.runtime.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.OutputFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the grammar of each keyword accepts, and what not. */
class SchemaGrammarTest {

  static Stream<Arguments> keywords() {
    return Stream.of(
        row("{'type':'null'}", List.of("null"), List.of("true", "")),
        row("{'type':'boolean'}", List.of("true", "false"), List.of("'true'")),
        row("{'type':['null','integer']}", List.of("null", "-7", "0"), List.of("-0", "1.5", "01")),
        row("{'type':'number'}", List.of("1.5", "-0.25", "1e9", "0"), List.of(".5", "1.", "+1")),
        row("{'type':'number'}", List.of("123456789012345"), List.of("1234567890123456")),
        row("{'type':'string'}", List.of("''", "'a\\\\n\\\\''"), List.of("'\n'", "'\\\\x'", "a")),
        row(
            "{'enum':['a',1,null,{'b':[1,2]}]}",
            List.of("'a'", "1", "null", "{'b':[1,2]}", "{'b': [1, 2]}"),
            List.of("'b'", "2", "{'b':[1,2,]}", "{ 'b':[1,2]}")),
        row(
            "{'enum':['a',1,'bcd'],'type':'string','minLength':2}",
            List.of("'bcd'"),
            List.of("'a'", "1")),
        row("{'const':'say \\\\'hi\\\\''}", List.of("'say \\\\'hi\\\\''"), List.of("'say hi'")),
        row(
            "{'type':'string','minLength':2,'maxLength':3}",
            List.of("'ab'", "'😀😀😀'", "'\\\\n\\\\n'"),
            List.of("'a'", "'abcd'")),
        row("{'type':'string','pattern':'b+'}", List.of("'b'", "'abba'"), List.of("'a'", "''")),
        row(
            "{'type':'string','pattern':'^b|c$'}",
            List.of("'ba'", "'ac'", "'b'"),
            List.of("'ab'", "'ca'")),
        row(
            "{'type':'string','pattern':'^a.*$','maxLength':3}",
            List.of("'abc'", "'a'"),
            List.of("'abcd'", "'b'", "'a\\\\n'")),
        row(
            "{'type':'string','pattern':'^[\\'\\\\\\\\\\\\\\\\]$'}",
            List.of("'\\\\''", "'\\\\\\\\'"),
            List.of("'a'", "'\\\\\\\\\\\\\\\\'")),
        row(
            "{'type':'string','format':'date'}",
            List.of("'2024-02-29'", "'2000-02-29'", "'1999-12-31'"),
            List.of("'2023-02-29'", "'1900-02-29'", "'2024-04-31'", "'0000-01-01'")),
        row(
            "{'type':'string','format':'date-time'}",
            List.of("'2024-02-29T23:59:59Z'", "'2024-01-01T00:00:00.5+04:00'"),
            List.of("'2024-01-01'", "'2024-01-01T24:00:00Z'")),
        row(
            "{'type':'string','format':'uuid'}",
            List.of("'123e4567-e89b-12d3-a456-426614174000'"),
            List.of("'123e4567'")),
        row(
            "{'type':'integer','minimum':-3,'maximum':12}",
            List.of("-3", "-1", "0", "9", "12"),
            List.of("-4", "13", "-0", "012")),
        row(
            "{'type':'integer','exclusiveMinimum':98,'exclusiveMaximum':1002}",
            List.of("99", "100", "999", "1001"),
            List.of("98", "1002", "1000.0")),
        row(
            "{'type':'integer','minimum':1000000000000000}",
            List.of("1000000000000000"),
            List.of("999999999999999")),
        row(
            "{'type':'number','minimum':0.2,'maximum':0.75}",
            List.of("0.2", "0.20", "0.749", "0.75"),
            List.of("0.19", "0.751", "0", "1")),
        row(
            "{'type':'number','exclusiveMinimum':-1.5,'exclusiveMaximum':2}",
            List.of("-1.49", "-0.1", "0", "1.999"),
            List.of("-1.5", "-1.6", "2", "2.0")),
        row(
            "{'type':'integer','format':'int32'}",
            List.of("2147483647", "-2147483648"),
            List.of("2147483648")),
        row(
            "{'type':'array','items':{'type':'integer'}}",
            List.of("[]", "[1]", "[1,2, 3]"),
            List.of("[1,]", "['a']", "[ 1]")),
        row(
            "{'type':'array','items':{'type':'integer'},'minItems':2,'maxItems':3}",
            List.of("[1,2]", "[1,2,3]"),
            List.of("[]", "[1]", "[1,2,3,4]")),
        row(
            "{'type':'array','prefixItems':[{'const':1},{'const':2}],'items':false}",
            List.of("[]", "[1]", "[1,2]"),
            List.of("[2]", "[1,2,3]")),
        row(
            "{'type':'array','prefixItems':[{'const':1}],'items':{'const':2},'minItems':1}",
            List.of("[1]", "[1,2,2]"),
            List.of("[]", "[2]")),
        row(
            "{'type':'object','properties':{'a':{'const':1},'b':{'const':2}},'required':['b']}",
            List.of("{'b':2}", "{'a': 1, 'b': 2}"),
            List.of("{}", "{'a':1}", "{'b':2,'a':1}")),
        row(
            "{'type':'object','properties':{'a':{'const':1},'b':{'const':2}}}",
            List.of("{}", "{'a':1}", "{'b':2}"),
            List.of("{'c':3}", "{'a':1,}")),
        row(
            "{'type':'object','properties':{'a':{'const':1}},'additionalProperties':{'const':2}}",
            List.of("{'a':1,'ab':2,'':2}", "{'x':2}", "{}"),
            List.of("{'a':2}", "{'x':2,'a':1}")),
        row("{'type':'object','additionalProperties':false}", List.of("{}"), List.of("{'a':1}")),
        row(
            "{'type':'object','required':['a'],'properties':{'a':{'const':1},'b':false}}",
            List.of("{'a':1}"),
            List.of("{'a':1,'b':1}")),
        row(
            "{'type':'object','additionalProperties':{'const':1},'minProperties':1,'maxProperties':2}",
            List.of("{'a':1}", "{'a':1,'b':1}"),
            List.of("{}", "{'a':1,'b':1,'c':1}")),
        row(
            "{'type':'object','properties':{'a\\\\'/~\\\\n':{'const':1}}}",
            List.of("{'a\\\\'/~\\\\n':1}"),
            List.of("{'a':1}")),
        row("{'properties':{'a':{'const':1}}}", List.of("{'a':1}"), List.of("'a'", "1")),
        row("{'anyOf':[{'type':'null'},{'const':1}]}", List.of("null", "1"), List.of("2")),
        row(
            "{'type':'object','properties':{'a':{'const':1},'b':{'const':2}},"
                + "'anyOf':[{'required':['a']},{'required':['b']}]}",
            List.of("{'a':1}", "{'b':2}", "{'a':1,'b':2}"),
            List.of("{}")),
        row(
            "{'oneOf':[{'type':'string'},{'type':'integer'}]}",
            List.of("'a'", "1"),
            List.of("null")),
        row(
            "{'oneOf':[{'properties':{'t':{'const':'x'}},'required':['t']},"
                + "{'properties':{'t':{'const':'y'},'n':{'const':1}},'required':['t']}]}",
            List.of("{'t':'x'}", "{'t':'y','n':1}"),
            List.of("{'t':'x','n':1}", "{}")),
        row(
            "{'allOf':[{'minimum':3},{'maximum':5}],'type':'integer'}",
            List.of("3", "5"),
            List.of("2", "6")),
        row(
            "{'allOf':[{'properties':{'a':{'type':'integer'}}},"
                + "{'properties':{'a':{'maximum':3,'minimum':0}},'required':['a']}]}",
            List.of("{'a':2}"),
            List.of("{'a':4}", "{}")),
        row(
            "{'type':'object','properties':{'n':{'$ref':'#'}}}",
            List.of("{}", "{'n':{'n':{}}}"),
            List.of("{'n':1}")),
        row("{'$ref':'#/$defs/a~1b%25','$defs':{'a/b%':{'const':1}}}", List.of("1"), List.of("2")),
        row("true", List.of("1", "[{'a':[]}]", "{'a':{}}"), List.of("[1", "")));
  }

  @ParameterizedTest
  @MethodSource("keywords")
  void acceptsWhatIsValid(String schema, List<String> valid, List<String> others) throws Exception {
    GbnfMatcher matcher = matcher(schema);
    for (String text : valid) {
      assertThat(matcher.matches(text)).as("%s has %s", schema, text).isTrue();
      SchemaValidity.requireValid(schema, text);
    }
    for (String text : others) {
      assertThat(matcher.matches(text)).as("%s has %s", schema, text).isFalse();
    }
  }

  @Test
  void annotationsChangeNothing() throws Exception {
    String plain = "{'type':'string'}";
    String annotated =
        "{'title':'t','description':'d','default':1,'examples':[1],'$schema':'s','$id':'http://x',"
            + "'$comment':'c','deprecated':true,'readOnly':true,'x-order':1,'type':'string'}";
    assertThat(grammar(annotated)).isEqualTo(grammar(plain));
  }

  @Test
  void onlyObjectsWithKeysOfTheModelsChoiceNeedThemKeptApart() throws Exception {
    assertThat(grammar("{'properties':{'a':{'const':1}}}").distinctKeys()).isFalse();
    assertThat(grammar("{'type':'object'}").distinctKeys()).isTrue();
    assertThat(OutputGrammar.compile(new OutputFormat.JsonObject()).orElseThrow().distinctKeys())
        .isTrue();
  }

  @Test
  void lengthsAboveTheEnginesOwnBoundOfRepetitionsAreExact() throws Exception {
    GbnfMatcher matcher = matcher("{'type':'string','minLength':2100,'maxLength':4305}");
    assertThat(matcher.matches('"' + "a".repeat(2_099) + '"')).isFalse();
    assertThat(matcher.matches('"' + "a".repeat(2_100) + '"')).isTrue();
    assertThat(matcher.matches('"' + "a".repeat(4_305) + '"')).isTrue();
    assertThat(matcher.matches('"' + "a".repeat(4_306) + '"')).isFalse();
  }

  @Test
  void textNeedsNoGrammar() throws Exception {
    assertThat(OutputGrammar.compile(OutputFormat.TEXT)).isEmpty();
  }

  private static GbnfMatcher matcher(String schema) throws UnsupportedFormatException {
    return new GbnfMatcher(grammar(schema).gbnf());
  }

  private static Grammar grammar(String schema) throws UnsupportedFormatException {
    return OutputGrammar.compile(new OutputFormat.JsonSchema(schema.replace('\'', '"')))
        .orElseThrow();
  }

  /** With ' for ", and \\ for a backslash. */
  private static Arguments row(String schema, List<String> valid, List<String> others) {
    return Arguments.of(
        json(schema),
        valid.stream().map(SchemaGrammarTest::json).toList(),
        others.stream().map(SchemaGrammarTest::json).toList());
  }

  private static String json(String text) {
    return text.replace('\'', '"').replace("\\\\", "\\");
  }
}

package ai.falaj.runtime.grammar;

import static ai.falaj.runtime.grammar.UnsupportedFormatException.malformed;
import static ai.falaj.runtime.grammar.UnsupportedFormatException.unsupported;

import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.grammar.GrammarRules.Alternative;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The grammar of an {@link OutputFormat}. docs/STRUCTURED-OUTPUT.md lists what is supported. Any
 * thread.
 *
 * <p>Every text of a grammar is valid for its format; not every valid text is in the grammar. Work
 * and size are bounded, so a hostile format is refused and does not stall the caller.
 */
public final class OutputGrammar {

  private static final ObjectMapper STRICT = strictMapper();

  private OutputGrammar() {}

  /**
   * @return empty for {@link OutputFormat#TEXT}
   * @throws UnsupportedFormatException if the format is malformed, satisfied by nothing, not
   *     supported, or beyond a bound; with the place
   */
  public static Optional<Grammar> compile(OutputFormat format) throws UnsupportedFormatException {
    if (format instanceof OutputFormat.JsonSchema schema) {
      return Optional.of(ofSchema(schema.schema(), "", ""));
    }
    if (format instanceof OutputFormat.JsonObject) {
      return Optional.of(ofAnyObject());
    }
    if (format instanceof OutputFormat.Regex regex) {
      return Optional.of(ofRegex(regex.pattern()));
    }
    if (format instanceof OutputFormat.Choice choice) {
      return Optional.of(ofChoices(choice.choices()));
    }
    return Optional.empty();
  }

  /**
   * @param prefix text before the value, without quotation marks and brackets; may be empty
   * @param suffix text after it, likewise
   */
  static Grammar ofSchema(String schema, String prefix, String suffix)
      throws UnsupportedFormatException {
    if (schema.length() > Bounds.SCHEMA_CHARS) {
      throw unsupported(
          JsonPointer.ROOT,
          "the schema has %d characters; at most %d are supported"
              .formatted(schema.length(), Bounds.SCHEMA_CHARS));
    }
    return SchemaCompiler.compile(SchemaReader.read(parse(schema)), prefix, suffix);
  }

  private static JsonNode parse(String schema) throws UnsupportedFormatException {
    JsonNode document;
    try {
      document = STRICT.readTree(schema);
    } catch (StreamConstraintsException e) {
      throw unsupported(JsonPointer.ROOT, e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw malformed(
          JsonPointer.ROOT,
          "not JSON at line %d, column %d: %s"
              .formatted(
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage()));
    }
    if (document.isMissingNode()) {
      throw malformed(JsonPointer.ROOT, "an empty text is no schema");
    }
    return document;
  }

  private static Grammar ofAnyObject() throws UnsupportedFormatException {
    GrammarRules rules = new GrammarRules();
    rules.define(Grammar.ROOT, JsonPointer.ROOT, new JsonRules(rules).anyObject());
    return new Grammar(rules.toGbnf(Grammar.ROOT), true);
  }

  private static Grammar ofRegex(String pattern) throws UnsupportedFormatException {
    String whole = "position 0";
    Automaton automaton = Automaton.of(RegexParser.parse(pattern), whole);
    if (automaton.isEmpty()) {
      throw malformed(whole, "no text matches the pattern");
    }
    return ofAutomaton(automaton, whole);
  }

  private static Grammar ofChoices(List<String> choices) throws UnsupportedFormatException {
    List<Regex> texts = new ArrayList<>();
    int chars = 0;
    for (int i = 0; i < choices.size(); i++) {
      String choice = choices.get(i);
      String path = "choice " + i;
      if (choice.indexOf('\0') >= 0 || JsonText.hasLoneSurrogate(choice)) {
        throw unsupported(path, "NUL and lone surrogates are not supported");
      }
      chars += choice.length();
      if (chars > Bounds.CHOICE_CHARS) {
        throw unsupported(
            path,
            "the choices up to this one have %d characters; at most %d are supported"
                .formatted(chars, Bounds.CHOICE_CHARS));
      }
      texts.add(Regex.literal(choice));
    }
    return ofAutomaton(Automaton.of(new Regex.Alternatives(texts), "choice 0"), "choice 0");
  }

  private static Grammar ofAutomaton(Automaton automaton, String path)
      throws UnsupportedFormatException {
    GrammarRules rules = new GrammarRules();
    Alternative first =
        AutomatonRules.write(rules, automaton, AutomatonRules.RAW, Grammar.ROOT, path);
    return new Grammar(rules.toGbnf(first.gbnf()), false);
  }

  private static ObjectMapper strictMapper() {
    JsonFactory factory =
        new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(Bounds.SCHEMA_DEPTH).build())
            .build();
    return new ObjectMapper(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, false);
  }
}

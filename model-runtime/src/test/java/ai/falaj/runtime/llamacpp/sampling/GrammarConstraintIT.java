package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.grammar.Grammar;
import ai.falaj.runtime.grammar.OutputGrammar;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.TestModels;
import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens llama.cpp's grammars let pass, and what is added to them. */
class GrammarConstraintIT {

  @TempDir static Path directory;
  private static LlamaModel model;
  private static Vocabulary vocabulary;

  private GrammarConstraints constraints;

  @BeforeAll
  static void loadModel() throws Exception {
    model = TestModels.tiny(directory);
    vocabulary = model.vocabulary();
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  @BeforeEach
  void createConstraints() {
    constraints = new GrammarConstraints(vocabulary);
  }

  @AfterEach
  void closeConstraints() {
    constraints.close();
  }

  @Test
  void maskLeavesExactlyWhatIsAllowed() throws Exception {
    try (GrammarConstraint constraint = start(schema("{'properties':{'the':{'type':'string'}}}"))) {
      for (String text : List.of("{", "\"", "the", "\":", " \"", "م", "\"", "}")) {
        requireMaskAgrees(constraint);
        write(constraint, text);
      }
      requireMaskAgrees(constraint);
    }
  }

  @Test
  void anAnswerEndsWhereTheGrammarEndsAndNowhereElse() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.Choice(List.of("to", "token")))) {
      assertThat(endings(constraint)).isEmpty();
      write(constraint, "to");
      assertThat(endings(constraint)).isNotEmpty();
      assertThat(constraint.allows(token("k"))).isTrue();
      write(constraint, "ken");
      assertThat(allowed(constraint)).isEqualTo(endings(constraint));
      constraint.accept(endings(constraint).iterator().next());
      assertThat(allowed(constraint)).isEmpty();
    }
  }

  @Test
  void whatIsNotAllowedIsNeverAccepted() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.Choice(List.of("a")))) {
      int ending = ending();
      assertThatThrownBy(() -> constraint.accept(ending)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> constraint.accept(token("b")))
          .isInstanceOf(IllegalStateException.class);
      constraint.accept(token("a"));
      constraint.accept(ending);
      assertThatThrownBy(() -> constraint.accept(ending)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void tokensOutsideTheVocabularyNeverReachTheEngine() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.Choice(List.of("a")))) {
      for (int token : new int[] {-1, vocabulary.size()}) {
        assertThatThrownBy(() -> constraint.allows(token))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> constraint.mask(new float[3]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anAnswerDoesNotEndWithinACharacter() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.Regex("é*"))) {
      assertThat(endings(constraint)).isNotEmpty();
      constraint.accept(byteToken(0xc3));
      assertThat(endings(constraint)).isEmpty();
      constraint.accept(byteToken(0xa9));
      assertThat(endings(constraint)).isNotEmpty();
    }
  }

  @Test
  void bytesAreUtf8() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.Regex("[^]*"))) {
      for (int octet : new int[] {0x80, 0xc0, 0xc1, 0xf5, 0xff}) {
        assertThat(constraint.allows(byteToken(octet))).as("%x first", octet).isFalse();
      }
      constraint.accept(byteToken(0xe0));
      assertThat(constraint.allows(byteToken(0x9f))).as("an overlong form").isFalse();
      assertThat(constraint.allows(byteToken(0xa0))).isTrue();
      constraint.accept(byteToken(0xa4));
      constraint.accept(byteToken(0x85));
      constraint.accept(byteToken(0xed));
      assertThat(constraint.allows(byteToken(0xa0))).as("half of a surrogate pair").isFalse();
    }
  }

  @Test
  void controlTokensAreNotTheirNames() throws Exception {
    int start = vocabulary.tokenize("<|im_start|>", false, true)[0];
    try (GrammarConstraint constraint = start(new OutputFormat.Regex("[^]*"))) {
      assertThat(constraint.allows(start)).isFalse();
      assertThat(allowed(constraint)).doesNotContain(start);
    }
  }

  @Test
  void anObjectGetsNoKeyTwice() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.JsonObject())) {
      write(constraint, "{\"a\":{\"a\":1,\"b\":2},\"a");
      assertThat(constraint.allows(token("\""))).isFalse();
      assertThat(allowed(constraint)).doesNotContain(token("\""));
      write(constraint, "b\":[{\"a\":1},{\"a\":\"a\"}]}");
      assertThat(endings(constraint)).isNotEmpty();
    }
  }

  @Test
  void tokensThatWereForbiddenBeforeStayForbidden() throws Exception {
    try (GrammarConstraint constraint = start(new OutputFormat.Choice(List.of("a", "b")))) {
      float[] logits = new float[vocabulary.size()];
      logits[token("a")] = Float.NEGATIVE_INFINITY;
      logits[token("b")] = -3;
      constraint.mask(logits);
      assertThat(logits[token("a")]).isEqualTo(Float.NEGATIVE_INFINITY);
      assertThat(logits[token("b")]).isEqualTo(-3);
    }
  }

  @Test
  void aGrammarThatTheEngineCannotReadIsRefused() {
    for (String gbnf : List.of("root ::= (", "other ::= \"a\"", "root ::= root \"a\"")) {
      assertThatThrownBy(() -> constraints.start(new Grammar(gbnf, false)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("grammar");
    }
  }

  @Test
  void theEngineReadsGrammarsAtTheBounds() throws Exception {
    List<OutputFormat> formats =
        List.of(
            schema("{'type':'string','maxLength':100000}"),
            schema("{'type':'string','minLength':100000}"),
            schema("{'type':'string','minLength':4100,'maxLength':9999}"),
            schema("{'type':'string','pattern':'^[a-z ]*$','maxLength':19000}"),
            schema("{'type':'array','minItems':2000,'maxItems':2000}"),
            schema("{'type':'array','items':{'type':'integer'},'maxItems':2000}"),
            new OutputFormat.Regex("(?:[a-z]{1,9} ){1900}"),
            new OutputFormat.Choice(List.of("a".repeat(16_000))));
    for (OutputFormat format : formats) {
      try (GrammarConstraint constraint = start(format)) {
        assertThat(allowed(constraint)).isNotEmpty();
      }
    }
  }

  @Test
  void closingTwiceIsHarmless() throws Exception {
    GrammarConstraint constraint = start(new OutputFormat.Choice(List.of("a")));
    constraint.close();
    constraint.close();
    assertThatThrownBy(() -> constraint.allows(token("a")))
        .isInstanceOf(IllegalStateException.class);
  }

  private GrammarConstraint start(OutputFormat format) throws Exception {
    return constraints.start(OutputGrammar.compile(format).orElseThrow());
  }

  private static OutputFormat schema(String schema) {
    return new OutputFormat.JsonSchema(schema.replace('\'', '"'));
  }

  private static void write(GrammarConstraint constraint, String text) {
    for (int token : vocabulary.tokenize(text, false, false)) {
      constraint.accept(token);
    }
  }

  private static int token(String text) {
    int[] tokens = vocabulary.tokenize(text, false, false);
    assertThat(tokens).hasSize(1);
    return tokens[0];
  }

  private static int byteToken(int octet) {
    for (int token = 0; token < vocabulary.size(); token++) {
      byte[] piece = vocabulary.piece(token);
      if (piece.length == 1 && (piece[0] & 0xff) == octet) {
        return token;
      }
    }
    throw new AssertionError("no token writes the byte " + octet);
  }

  private static int ending() {
    return vocabulary.tokenize("<|im_end|>", false, true)[0];
  }

  private static Set<Integer> allowed(GrammarConstraint constraint) {
    float[] logits = new float[vocabulary.size()];
    constraint.mask(logits);
    Set<Integer> allowed = new TreeSet<>();
    for (int token = 0; token < logits.length; token++) {
      if (logits[token] != Float.NEGATIVE_INFINITY) {
        allowed.add(token);
      }
    }
    return allowed;
  }

  private static Set<Integer> endings(GrammarConstraint constraint) {
    Set<Integer> endings = allowed(constraint);
    endings.removeIf(token -> !vocabulary.isEndOfGeneration(token));
    return endings;
  }

  private static void requireMaskAgrees(GrammarConstraint constraint) {
    Set<Integer> allowed = allowed(constraint);
    assertThat(allowed).isNotEmpty();
    for (int token = 0; token < vocabulary.size(); token++) {
      assertThat(allowed.contains(token))
          .as("token %d: %s", token, new String(vocabulary.piece(token), StandardCharsets.UTF_8))
          .isEqualTo(constraint.allows(token));
    }
  }
}

package ai.falaj.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SqlScriptTest {

  @Test
  void splitsAtSemicolonsOutsideOfQuotesAndComments() {
    assertThat(
            texts(
                """
                -- a comment; with a semicolon
                SET 'a' = 'it''s; fine';
                /* another; one */ SELECT `x;y`, "z;" -- to the end; of the line
                FROM t /* ; */;
                """))
        .containsExactly(
            "SET 'a' = 'it''s; fine';",
            "SELECT `x;y`, \"z;\" -- to the end; of the line\nFROM t /* ; */;");
  }

  @Test
  void tellsWhereAStatementBegins() {
    List<SqlStatement> statements =
        statements("\n-- first\n  SELECT 1;\n\nSELECT 2; SELECT 3;", statement -> true);

    assertThat(statements)
        .extracting(SqlStatement::line, SqlStatement::column)
        .containsExactly(tuple(3, 3), tuple(5, 1), tuple(5, 11));
    assertThat(statements.get(2).inPlace()).isEqualTo("\n\n\n\n" + " ".repeat(10) + "SELECT 3;");
  }

  @Test
  void readsOnWhereAStatementIsNotComplete() {
    assertThat(
            statements(
                "BEGIN a; b; END; SELECT 1;",
                statement ->
                    !statement.text().startsWith("BEGIN") || statement.text().endsWith("END;")))
        .extracting(SqlStatement::text)
        .containsExactly("BEGIN a; b; END;", "SELECT 1;");
  }

  @Test
  void takesALastStatementWithoutSemicolonAndKeepsHints() {
    assertThat(texts("SELECT 1;; ;/*+ hint */ SELECT 2\n"))
        .containsExactly("SELECT 1;", "/*+ hint */ SELECT 2");
  }

  @Test
  void endsWhereNothingButCommentsIsLeft() {
    assertThat(texts("")).isEmpty();
    assertThat(texts(" \n -- nothing")).isEmpty();
    assertThat(texts("/* never closed")).isEmpty();
  }

  private static List<String> texts(String script) {
    return statements(script, statement -> true).stream().map(SqlStatement::text).toList();
  }

  private static List<SqlStatement> statements(String script, Predicate<SqlStatement> isComplete) {
    SqlScript reader = new SqlScript(script);
    List<SqlStatement> statements = new ArrayList<>();
    Optional<SqlStatement> next = reader.next(isComplete);
    while (next.isPresent()) {
      statements.add(next.get());
      next = reader.next(isComplete);
    }
    return statements;
  }
}

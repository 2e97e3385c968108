package ai.falaj.operators.sql;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.io.Serializable;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A Mustache template over columns. A NULL is written as nothing, and a section of it is left out.
 * Only the text travels; it is compiled where it is used first. Confined to one thread at a time.
 */
final class PromptTemplate implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Mustache.Compiler COMPILER =
      Mustache.compiler().escapeHTML(false).nullValue("");

  private final String text;
  private transient Template compiled;

  /**
   * @throws IllegalArgumentException if it is no template, or names a column that is not there
   */
  PromptTemplate(String text, Collection<String> columns) {
    this.text = text;
    for (String name : names(compile(text))) {
      String column = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
      if (!columns.contains(name) && !columns.contains(column)) {
        throw new IllegalArgumentException(
            "%s names {{%s}} and the input columns are %s; name one of them"
                .formatted(
                    SqlModelOptions.PROMPT_TEMPLATE.key(), name, String.join(", ", columns)));
      }
    }
  }

  /**
   * @param values of all columns, by name
   */
  String render(Map<String, Object> values) {
    if (compiled == null) {
      compiled = compile(text);
    }
    return compiled.execute(values);
  }

  private static Template compile(String text) {
    try {
      return COMPILER.compile(text);
    } catch (MustacheException e) {
      throw new IllegalArgumentException(
          SqlModelOptions.PROMPT_TEMPLATE.key() + " is no Mustache template: " + e.getMessage(), e);
    }
  }

  /** What it names outside of sections: within one, names may be those of the section's value. */
  private static Set<String> names(Template template) {
    Set<String> names = new LinkedHashSet<>();
    template.visit(
        new Mustache.Visitor() {
          @Override
          public void visitText(String literal) {}

          @Override
          public void visitVariable(String name) {
            names.add(name);
          }

          @Override
          public boolean visitInclude(String name) {
            throw new IllegalArgumentException(
                "%s includes {{>%s}}; write the text itself"
                    .formatted(SqlModelOptions.PROMPT_TEMPLATE.key(), name));
          }

          @Override
          public boolean visitSection(String name) {
            names.add(name);
            return false;
          }

          @Override
          public boolean visitInvertedSection(String name) {
            names.add(name);
            return true;
          }
        });
    return names;
  }
}

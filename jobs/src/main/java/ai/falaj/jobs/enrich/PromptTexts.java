package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.rows.Row;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.MustacheParseException;
import com.samskivert.mustache.Template;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The templates of a prompt, in Mustache: {@code {{field}}} is a field's value as it stands, {@code
 * {{#field}}...{{/field}}} is there where the field has a value, once for each element of a list. A
 * field that is written and has no value is an error of its record. Immutable; any thread.
 */
final class PromptTexts {

  /** A record has no value for a field that the prompt writes. */
  static final class MissingValueException extends Exception {
    private static final long serialVersionUID = 1L;

    private MissingValueException(String field) {
      super(
          "the record has no value for '%s', which the prompt writes; give it one, or write it as {{#%s}}{{%s}}{{/%s}} where it may be missing"
              .formatted(field, field, field, field),
          null,
          false,
          false);
    }
  }

  private static final Mustache.Compiler COMPILER =
      Mustache.compiler().escapeHTML(false).emptyStringIsFalse(true);

  private final Optional<Template> system;
  private final Template user;

  /**
   * @throws IllegalArgumentException naming the template and what is wrong with it
   */
  PromptTexts(Optional<String> system, String user) {
    this.system = system.map(text -> compiled("prompt.system", text));
    this.user = compiled("prompt.user", user);
  }

  private static Template compiled(String place, String text) {
    try {
      return COMPILER.compile(text);
    } catch (MustacheParseException e) {
      throw new IllegalArgumentException(place + " is no Mustache template: " + e.getMessage(), e);
    }
  }

  /** The fields of a record that the templates name, but for those inside of sections. */
  Set<String> fields() {
    Set<String> names = new TreeSet<>();
    FieldNames visitor = new FieldNames(names);
    system.ifPresent(template -> template.visit(visitor));
    user.visit(visitor);
    return names;
  }

  Optional<String> system(Row row) throws MissingValueException {
    return system.isEmpty() ? Optional.empty() : Optional.of(text(system.get(), row));
  }

  String user(Row row) throws MissingValueException {
    return text(user, row);
  }

  private static String text(Template template, Row row) throws MissingValueException {
    try {
      return template.execute(row);
    } catch (MustacheException.Context e) {
      throw new MissingValueException(e.key);
    }
  }

  /** The first part of each name; what a section repeats may have fields of its own. */
  private record FieldNames(Set<String> names) implements Mustache.Visitor {
    @Override
    public void visitText(String text) {}

    @Override
    public void visitVariable(String name) {
      add(name);
    }

    @Override
    public boolean visitInclude(String name) {
      throw new IllegalArgumentException(
          "the prompt includes '" + name + "'; write the text where it belongs");
    }

    @Override
    public boolean visitSection(String name) {
      add(name);
      return false;
    }

    @Override
    public boolean visitInvertedSection(String name) {
      add(name);
      return true;
    }

    private void add(String name) {
      if (!name.equals(".") && !name.equals("this")) {
        names.add(name.split("\\.", 2)[0]);
      }
    }
  }
}

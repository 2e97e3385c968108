/**
 * Turns an {@link ai.falaj.runtime.OutputFormat} into a grammar in llama.cpp's GBNF notation: JSON
 * Schemas, regular expressions, lists of choices. Pure functions over text: no model, no native
 * code, any thread. What a grammar cannot hold is refused with the place where it stands.
 *
 * <p>{@link ai.falaj.runtime.grammar.OutputGrammar} is the way in. Behind it, schemas are read by
 * {@code SchemaReader} into {@code SchemaNode}s, combined by {@code ShapeExpander} into {@code
 * Shape}s (no combinators left), and written by {@code SchemaCompiler} into {@code GrammarRules}.
 * Patterns, formats and number ranges are {@code Regex} trees that become an {@code Automaton}, so
 * that several of them can be intersected and emptiness can be decided.
 */
package ai.falaj.runtime.grammar;

package ai.falaj.runtime.grammar;

import java.util.List;
import java.util.Optional;

/**
 * One schema of a document, read and checked. Other schemas are named by their paths. Immutable.
 *
 * @param path JSON Pointer from the document's root
 * @param own what it says itself
 * @param reference path that {@code $ref} names; whether a schema is there is checked when it is
 *     followed
 * @param allOf paths of schemas that apply as well
 * @param choices one list for {@code anyOf} and one for {@code oneOf}, if they are there
 */
record SchemaNode(
    String path, Shape own, Optional<String> reference, List<String> allOf, List<Choice> choices) {

  /**
   * @param path of the keyword
   * @param exclusive whether the branches must have no value in common
   */
  record Choice(String path, boolean exclusive, List<String> branches) {}
}

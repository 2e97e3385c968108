package ai.falaj.operators.analytics;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Where a structured answer has its label: a field with a text, a number or a truth value, or with
 * a list of them. An answer that is no JSON, or has no such field, has no label. Immutable.
 *
 * @param pointer as RFC 6901 writes it, such as {@code /category}; empty: answers are not looked at
 */
public record LabelField(String pointer) implements Serializable {

  public static final LabelField NONE = new LabelField("");

  /** Of one answer; more do not count. */
  static final int MAX_LABELS = 16;

  private static final ObjectReader JSON = new ObjectMapper().reader();

  public LabelField {
    Objects.requireNonNull(pointer, "pointer");
    try {
      JsonPointer.compile(pointer);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no JSON pointer; write it as /category".formatted(pointer), e);
    }
  }

  /** The labels of an answer, fit for keys, each as often as it stands there. */
  public List<String> labelsOf(CharSequence answer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    String text = answer.toString().strip();
    if (!text.startsWith("{") && !text.startsWith("[")) {
      return List.of();
    }
    JsonNode field;
    try {
      field = JSON.readTree(text).at(pointer);
    } catch (JsonProcessingException e) { // an answer need not be JSON
      return List.of();
    }
    List<String> labels = new ArrayList<>();
    for (JsonNode value : field.isArray() ? field : List.of(field)) {
      if (value.isValueNode() && !value.isNull() && labels.size() < MAX_LABELS) {
        labels.add(Names.bounded(value.asText()));
      }
    }
    return labels;
  }
}

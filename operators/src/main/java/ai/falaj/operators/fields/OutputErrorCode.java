package ai.falaj.operators.fields;

/** What is wrong with a text that should have been typed values. Usable as a metric tag. */
public enum OutputErrorCode {
  /** No JSON, more than one JSON value, or text around it. */
  NOT_JSON,
  /** The beginning of JSON: the answer was cut, as by {@code max_tokens}. */
  TRUNCATED,
  /** JSON of another type than the field's. */
  WRONG_TYPE,
  /** A field that is not there, nullable or not: the schema requires all. */
  MISSING_FIELD,
  /** A field that nobody asked for. */
  UNEXPECTED_FIELD,
  /** Null in a field that is never null. */
  UNEXPECTED_NULL,
  /** A number that the type or the bounds do not allow. */
  OUT_OF_RANGE,
  /** A text that is none of the field's values, or does not match its pattern. */
  NOT_ALLOWED,
  /** A text or an array that is too short or too long. */
  WRONG_LENGTH
}

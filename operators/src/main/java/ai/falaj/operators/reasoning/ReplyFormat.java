package ai.falaj.operators.reasoning;

/** How planner and judge are held to JSON. */
public enum ReplyFormat {
  /** The runtime makes the reply valid against a schema. */
  JSON_SCHEMA,

  /** The runtime makes the reply a JSON object; its fields are up to the model. */
  JSON_OBJECT,

  /** Only the prompt asks for JSON. For runtimes that refuse the others. */
  TEXT
}

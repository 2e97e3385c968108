/**
 * What a model writes, as typed values: columns with types and constraints become a JSON Schema
 * that the engine holds the model to, and the text that comes back becomes Java values or an error
 * that says what is wrong with it. Knows nothing of SQL, YAML or Flink's tables.
 */
package ai.falaj.operators.fields;

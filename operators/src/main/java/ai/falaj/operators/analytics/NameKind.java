package ai.falaj.operators.analytics;

/** What a limited number of names is for. The order is part of the state. */
enum NameKind {
  TENANT,
  MODEL,
  TEMPLATE,
  COMBINATION,
  LABEL
}

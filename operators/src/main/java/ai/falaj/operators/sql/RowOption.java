package ai.falaj.operators.sql;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.SamplingParameters;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/** An option that rows may set: the column that carries it, and the types that it may have. */
enum RowOption {
  TEMPERATURE(numbers()),
  TOP_P(numbers()),
  MAX_TOKENS(integers()),
  SEED(integers()),
  SYSTEM_PROMPT(EnumSet.of(LogicalTypeRoot.VARCHAR, LogicalTypeRoot.CHAR)),
  TENANT(EnumSet.of(LogicalTypeRoot.VARCHAR, LogicalTypeRoot.CHAR)),
  PRIORITY(integers());

  private final Set<LogicalTypeRoot> types;

  RowOption(Set<LogicalTypeRoot> types) {
    this.types = types;
  }

  private static Set<LogicalTypeRoot> integers() {
    return EnumSet.of(
        LogicalTypeRoot.TINYINT,
        LogicalTypeRoot.SMALLINT,
        LogicalTypeRoot.INTEGER,
        LogicalTypeRoot.BIGINT);
  }

  private static Set<LogicalTypeRoot> numbers() {
    Set<LogicalTypeRoot> types = integers();
    types.addAll(
        EnumSet.of(LogicalTypeRoot.FLOAT, LogicalTypeRoot.DOUBLE, LogicalTypeRoot.DECIMAL));
    return types;
  }

  /** As {@code WITH} writes it. */
  String optionName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As {@code INPUT} writes it. */
  String columnName() {
    return name().toLowerCase(Locale.ROOT);
  }

  Set<LogicalTypeRoot> types() {
    return types;
  }

  static String names() {
    return Arrays.stream(values()).map(RowOption::optionName).collect(Collectors.joining(", "));
  }

  /**
   * @throws IllegalArgumentException listing the names
   */
  static RowOption named(String name) {
    for (RowOption option : values()) {
      if (option.optionName().equals(name)) {
        return option;
      }
    }
    throw new IllegalArgumentException(
        "%s has '%s'; rows may set %s".formatted(SqlModelOptions.ROW_OPTIONS.key(), name, names()));
  }

  /** Sets it, but for the system prompt, which is a part of the messages. */
  void apply(Object value, SamplingParameters.Builder sampling, GenerationRequest.Builder request) {
    switch (this) {
      case TEMPERATURE -> sampling.temperature(((Number) value).doubleValue());
      case TOP_P -> sampling.topP(((Number) value).doubleValue());
      case MAX_TOKENS -> sampling.maxTokens(Math.toIntExact(((Number) value).longValue()));
      case SEED -> sampling.seed(((Number) value).longValue());
      case TENANT -> request.tenant((String) value);
      case PRIORITY -> request.priority(Math.toIntExact(((Number) value).longValue()));
      case SYSTEM_PROMPT -> {}
    }
  }
}

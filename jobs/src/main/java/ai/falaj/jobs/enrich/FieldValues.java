package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.totals.TotalsAccumulator;
import ai.falaj.operators.fields.FieldConstraint;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.operators.fields.OutputType;
import java.util.List;

/**
 * Counts the values of fields that have few: enumerations and truth values. Confined to one thread.
 */
final class FieldValues {

  private final List<OutputField> fields;
  private final boolean[] counted;

  FieldValues(OutputSchema output) {
    fields = output.fields();
    counted = new boolean[fields.size()];
    for (int i = 0; i < counted.length; i++) {
      counted[i] =
          fields.get(i).type() == OutputType.Scalar.BOOLEAN
              || fields.get(i).constraints().stream()
                  .anyMatch(FieldConstraint.OneOf.class::isInstance);
    }
  }

  void count(List<Object> values, TotalsAccumulator totals) {
    for (int i = 0; i < counted.length; i++) {
      if (counted[i]) {
        String field = fields.get(i).name();
        String value = String.valueOf(values.get(i));
        totals.count(all -> all.addValue(field, value));
      }
    }
  }
}

package ai.falaj.operators.analytics;

import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.serialization.GroupedPartialSerializer;
import ai.falaj.operators.serialization.ImmutableTypeInfo;
import ai.falaj.operators.serialization.LabelHistorySerializer;
import ai.falaj.operators.serialization.OutputRecordSerializer;
import ai.falaj.operators.serialization.SpendingSerializer;
import ai.falaj.operators.serialization.UsageEventSerializer;
import ai.falaj.operators.serialization.UsagePartialSerializer;
import ai.falaj.operators.serialization.WindowTotalsSerializer;
import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.UsageWindow;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;

/** Types of what flows through the pipeline and of what it keeps. */
public final class AnalyticsOutputs {

  public static final TypeInformation<UsageEvent> EVENT_TYPE =
      new ImmutableTypeInfo<>(UsageEvent.class, new UsageEventSerializer());

  static final TypeInformation<UsagePartial> PARTIAL_TYPE =
      new ImmutableTypeInfo<>(UsagePartial.class, new UsagePartialSerializer());

  static final TypeInformation<GroupedPartial> GROUPED_TYPE =
      new ImmutableTypeInfo<>(GroupedPartial.class, new GroupedPartialSerializer());

  static final TypeInformation<WindowTotals> WINDOW_TYPE =
      new ImmutableTypeInfo<>(WindowTotals.class, new WindowTotalsSerializer());

  static final TypeInformation<LabelHistory> HISTORY_TYPE =
      new ImmutableTypeInfo<>(LabelHistory.class, new LabelHistorySerializer());

  static final TypeInformation<Spending> SPENDING_TYPE =
      new ImmutableTypeInfo<>(Spending.class, new SpendingSerializer());

  static final TypeInformation<OutputRecord<UsageWindow>> USAGE_TYPE = typeOf(UsageWindow.class);

  static final TypeInformation<OutputRecord<BudgetAlert>> ALERT_TYPE = typeOf(BudgetAlert.class);

  /** Sums of tenants that have a budget; the group is the tenant's name. */
  static final OutputTag<GroupedPartial> SPENDING = new OutputTag<>("spending", GROUPED_TYPE);

  /** Rows of labels. */
  static final OutputTag<OutputRecord<LabelWindow>> LABELS =
      new OutputTag<>("labels", typeOf(LabelWindow.class));

  private AnalyticsOutputs() {}

  @SuppressWarnings("unchecked")
  private static <T extends SpecificRecord> TypeInformation<OutputRecord<T>> typeOf(
      Class<T> valueClass) {
    return new ImmutableTypeInfo<>(
        (Class<OutputRecord<T>>) (Class<?>) OutputRecord.class,
        new OutputRecordSerializer<>(valueClass));
  }
}

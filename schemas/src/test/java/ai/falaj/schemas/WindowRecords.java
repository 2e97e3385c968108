package ai.falaj.schemas;

import java.util.List;
import java.util.Map;

/** Records of the analytics job's topics, with every field set. Leave these values as they are. */
public final class WindowRecords {

  private WindowRecords() {}

  public static UsageWindow usage() {
    return UsageWindow.newBuilder()
        .setWindow("1m")
        .setWindowStart(Records.NOON)
        .setWindowEnd(Records.NOON.plusSeconds(60))
        .setGrouping("TENANT_MODEL_TEMPLATE")
        .setTenant("t1")
        .setModel("k2")
        .setTemplate("فاتورة")
        .setClosed(true)
        .setRequests(3)
        .setDeadLetters(1)
        .setChunks(40)
        .setPromptTokens(300)
        .setCachedTokens(200)
        .setReasoningTokens(60)
        .setCompletionTokens(90)
        .setStreamedTokens(95)
        .setCompletionTokensPerSecond(1.5)
        .setStreamedTokensPerSecond(1.6)
        .setTtftP50Ms(40.0)
        .setTtftP95Ms(80.0)
        .setTtftP99Ms(90.0)
        .setTotalP50Ms(400.0)
        .setTotalP95Ms(800.0)
        .setTotalP99Ms(900.0)
        .setFinishReasons(Map.of("STOP", 3L))
        .setErrors(Map.of("TIMEOUT", 1L))
        .setPricedRequests(3)
        .setCostNanos(123_456L)
        .setUpdatedAt(Records.NOON)
        .build();
  }

  public static LabelWindow labels() {
    return LabelWindow.newBuilder()
        .setWindow("1h")
        .setWindowStart(Records.NOON)
        .setWindowEnd(Records.NOON.plusSeconds(3_600))
        .setGrouping("TENANT_MODEL_TEMPLATE")
        .setTenant("t1")
        .setModel("k2")
        .setTemplate("فاتورة")
        .setClosed(true)
        .setOccurrences(10)
        .setDistinctLabels(2)
        .setLabels(List.of(new LabelCount("تسرب", 9L, 0.9, 2.5, "RISING", true)))
        .setUpdatedAt(Records.NOON)
        .build();
  }

  public static BudgetAlert alert() {
    return BudgetAlert.newBuilder()
        .setTenant("t1")
        .setResource("TOKENS")
        .setPeriodStart(Records.NOON)
        .setPeriodEnd(Records.NOON.plusSeconds(86_400))
        .setThresholdPercent(80)
        .setBudget(1_000)
        .setUsed(850)
        .setReachedAt(Records.NOON.plusSeconds(10))
        .build();
  }
}

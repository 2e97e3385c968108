package ai.falaj.jobs.enrich.totals;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often which amount was seen, in buckets that are a quarter of a power of two wide: a quantile
 * is right to 19%. Holds at most some 250 numbers whatever it has seen. Not thread-safe.
 */
public final class Distribution {

  private static final double BUCKETS_PER_DOUBLING = 4;

  @JsonProperty("count")
  private long count;

  @JsonProperty("sum")
  private double sum;

  @JsonProperty("least")
  private long least = Long.MAX_VALUE;

  @JsonProperty("most")
  private long most;

  /** By index; bucket 0 holds 0 and 1. */
  @JsonProperty("buckets")
  private TreeMap<Integer, Long> buckets = new TreeMap<>();

  /**
   * @param amount 0 or more
   */
  public void add(long amount) {
    count++;
    sum += amount;
    least = Math.min(least, amount);
    most = Math.max(most, amount);
    buckets.merge(bucketOf(amount), 1L, Long::sum);
  }

  public void merge(Distribution other) {
    count += other.count;
    sum += other.sum;
    least = Math.min(least, other.least);
    most = Math.max(most, other.most);
    other.buckets.forEach((bucket, number) -> buckets.merge(bucket, number, Long::sum));
  }

  public long count() {
    return count;
  }

  public double mean() {
    return count == 0 ? 0 : sum / count;
  }

  public long most() {
    return most;
  }

  /**
   * The amount that this share of all amounts does not exceed, up to its bucket's width.
   *
   * @param share 0 to 1
   */
  public long quantile(double share) {
    long wanted = (long) Math.ceil(share * count);
    long seen = 0;
    for (Map.Entry<Integer, Long> bucket : buckets.entrySet()) {
      seen += bucket.getValue();
      if (seen >= wanted) {
        return Math.max(least, Math.min(most, upperEnd(bucket.getKey())));
      }
    }
    return most;
  }

  /** Numbers by the upper end of their bucket, without gaps between the first and the last. */
  public Map<Long, Long> byUpperEnd() {
    Map<Long, Long> ends = new TreeMap<>();
    if (!buckets.isEmpty()) {
      for (int bucket = buckets.firstKey(); bucket <= buckets.lastKey(); bucket++) {
        ends.merge(upperEnd(bucket), buckets.getOrDefault(bucket, 0L), Long::sum);
      }
    }
    return ends;
  }

  private static int bucketOf(long amount) {
    return amount <= 1
        ? 0
        : (int) Math.ceil(BUCKETS_PER_DOUBLING * Math.log(amount) / Math.log(2) - 1e-9);
  }

  private static long upperEnd(int bucket) {
    return (long) Math.floor(Math.pow(2, bucket / BUCKETS_PER_DOUBLING) + 1e-9);
  }
}

package shop;

/** A composite attribute: JMX makes a field of each getter. */
public final class Packing {
  private final long count;
  private final long totalMillis;
  private final long longestMillis;

  Packing(long count, long totalMillis, long longestMillis) {
    this.count = count;
    this.totalMillis = totalMillis;
    this.longestMillis = longestMillis;
  }

  public long getCount() {
    return count;
  }

  public long getTotalMillis() {
    return totalMillis;
  }

  public long getLongestMillis() {
    return longestMillis;
  }
}

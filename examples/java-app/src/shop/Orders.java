package shop;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/** Takes orders, packs them, and counts. */
final class Orders implements OrdersMXBean {
  private final Map<String, Long> placedByProduct = new TreeMap<>();
  private long placed;
  private long rejected;
  private int inProgress;
  private Packing packing = new Packing(0, 0, 0);

  Orders(String... products) {
    for (String product : products) {
      placedByProduct.put(product, 0L);
    }
  }

  /** Returns the number of the new order, or 0 if there is no such product. */
  long place(String product) throws InterruptedException {
    long number = accept(product);
    if (number > 0) {
      pack();
    }
    return number;
  }

  private synchronized long accept(String product) {
    if (product == null || !placedByProduct.containsKey(product)) {
      rejected++;
      return 0;
    }
    placedByProduct.merge(product, 1L, Long::sum);
    inProgress++;
    return ++placed;
  }

  private void pack() throws InterruptedException {
    long start = System.nanoTime();
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(10, 120));
    } finally {
      packed((System.nanoTime() - start) / 1_000_000);
    }
  }

  private synchronized void packed(long millis) {
    inProgress--;
    packing =
        new Packing(
            packing.getCount() + 1,
            packing.getTotalMillis() + millis,
            Math.max(packing.getLongestMillis(), millis));
  }

  @Override
  public synchronized long getPlaced() {
    return placed;
  }

  @Override
  public synchronized long getRejected() {
    return rejected;
  }

  @Override
  public synchronized int getInProgress() {
    return inProgress;
  }

  @Override
  public synchronized Packing getPacking() {
    return packing;
  }

  @Override
  public synchronized Map<String, Long> getPlacedByProduct() {
    return new TreeMap<>(placedByProduct);
  }
}

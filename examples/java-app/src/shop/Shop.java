package shop;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A shop that takes orders and counts them. */
public final class Shop implements ShopMXBean {
    private static final Map<String, Long> PRICES = Map.of("tea", 450L, "coffee", 780L, "cake", 320L);
    private static final int MOST_OPEN = 50;

    private final LongAdder orders = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final AtomicInteger open = new AtomicInteger();
    private final Map<String, LongAdder> takings = new ConcurrentHashMap<>();
    private double total;
    private double max;

    /** Takes an order; returns its price in cents, or −1 if there is no such ware. */
    long order(String ware) {
        long start = System.nanoTime();
        Long price = PRICES.get(ware);
        if (price == null) {
            failed.increment();
            return -1;
        }
        orders.increment();
        takings.computeIfAbsent(ware, key -> new LongAdder()).add(price);
        open.updateAndGet(count -> count >= MOST_OPEN ? 0 : count + 1);
        took((System.nanoTime() - start) / 1e9);
        return price;
    }

    private synchronized void took(double seconds) {
        total += seconds;
        max = Math.max(max, seconds);
    }

    @Override
    public long getOrderCount() {
        return orders.sum();
    }

    @Override
    public long getFailedOrderCount() {
        return failed.sum();
    }

    @Override
    public int getOpenOrders() {
        return open.get();
    }

    @Override
    public Map<String, Long> getTakings() {
        Map<String, Long> sums = new TreeMap<>();
        takings.forEach((ware, sum) -> sums.put(ware, sum.sum()));
        return sums;
    }

    @Override
    public synchronized Latency getLatency() {
        return new Latency(orders.sum() == 0 ? 0 : total / orders.sum(), max);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public String getVersion() {
        return "1.4.2";
    }
}

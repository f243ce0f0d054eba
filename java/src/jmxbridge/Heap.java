package jmxbridge;

/**
 * Keeps this process's heap near what lives in it.
 *
 * <p>The serial collector lets its old generation grow to the limit before it collects that; a sidecar's
 * memory is better kept than its limit. Collecting what lives after a scrape takes 10 to 30 ms of one core.
 */
public final class Heap {
    private static long collected = Long.MAX_VALUE;

    private Heap() {}

    /** Whether the heap grew by more than *slack* bytes since it was last collected whole. */
    public static synchronized boolean grown(long slack) {
        long now = Runtime.getRuntime().totalMemory();
        collected = Math.min(collected, now);
        return now > collected + Math.max(slack, collected / 4);
    }

    /** Collects the whole heap, which also shrinks it. */
    public static synchronized void collect() {
        System.gc();
        collected = Runtime.getRuntime().totalMemory();
    }
}

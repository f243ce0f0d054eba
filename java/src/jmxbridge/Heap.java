package jmxbridge;

/**
 * Keeps this process's heap near what lives in it.
 *
 * <p>The serial collector lets its old generation grow to the limit before it collects that; a sidecar's
 * memory is better kept than its limit. Collecting what lives after a scrape takes 10 to 30 ms of one core.
 */
public final class Heap {
    private static long settled = Long.MAX_VALUE;

    private Heap() {}

    /** Whether the heap grew by more than *slack* bytes since it was last collected whole. */
    public static synchronized boolean grown(long slack) {
        long now = Runtime.getRuntime().totalMemory();
        settled = Math.min(settled, now);
        return now > settled + Math.max(slack, settled / 4);
    }

    /** Collects the whole heap, which also shrinks it. */
    public static synchronized void settle() {
        System.gc();
        settled = Runtime.getRuntime().totalMemory();
    }
}

package jmxbridge;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Threads with a stack of a size of our own, for work that recurses as deep as its data.
 *
 * <p>They end with the work, so what it touched of their stacks goes back to the system.
 */
final class Workers {
    /** Address space; only what is touched is memory. */
    private static final long STACK_BYTES = 16L << 20;
    /** What a worker takes at a time. */
    private static final int CHUNK = 64;

    private Workers() {}

    /** Does *work* for each number below *count*, on one thread or, if *wide*, on one for each processor. */
    static void run(int count, boolean wide, IntConsumer work) {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Runnable each = () -> {
            try {
                for (int at = next.getAndAdd(CHUNK); at < count; at = next.getAndAdd(CHUNK)) {
                    for (int i = at; i < Math.min(count, at + CHUNK); i++) {
                        work.accept(i);
                    }
                }
            } catch (RuntimeException | Error e) {
                thrown.compareAndSet(null, e);
            }
        };
        Thread[] threads = new Thread[wide ? Runtime.getRuntime().availableProcessors() : 1];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(null, each, "match", STACK_BYTES);
            threads[i].setDaemon(true);
            threads[i].start();
        }
        await(threads);
        if (thrown.get() != null) {
            throw new IllegalStateException("matching failed: " + thrown.get(), thrown.get());
        }
    }

    private static void await(Thread[] threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

package jmxbridge;

import java.util.concurrent.TimeUnit;

/** A moment on the monotonic clock by which work has to end; it may come nearer while the work goes on. */
final class Deadline {
    /** Who waits looks this often whether the moment came nearer. */
    private static final long LOOK_MILLIS = 50;

    private volatile long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    static Deadline in(long millis) {
        return new Deadline(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** Lets it be in *millis* at the latest; for one thread at a time. */
    void hurry(long millis) {
        if (millis < leftMillis()) {
            nanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        }
    }

    boolean passed() {
        return leftNanos() <= 0;
    }

    long leftNanos() {
        return nanos - System.nanoTime();
    }

    long leftMillis() {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(leftNanos()));
    }

    /** How long to wait before looking again whether it passed. */
    long waitMillis() {
        return Math.max(1, Math.min(LOOK_MILLIS, leftMillis()));
    }
}

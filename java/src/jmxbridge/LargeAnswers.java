package jmxbridge;

import java.net.SocketTimeoutException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many answers of a session may be large at a time, so that all that come at once fit the heap.
 *
 * <p>An answer reads its first {@link #SMALL} bytes freely. To read more it waits for its turn: the target then
 * waits, too, since nobody takes what it sends. Safe for several threads.
 */
final class LargeAnswers {
    /** More than the names of 10,000 MBeans take. */
    static final long SMALL = 1 << 20;

    private static final int MOST = 2;

    private final Semaphore turns = new Semaphore(MOST, true);

    /** Waits for a turn; throws if there is none by the deadline. */
    void begin(Deadline deadline) throws SocketTimeoutException {
        try {
            // A deadline may come nearer while we wait.
            while (!turns.tryAcquire(deadline.waitMillis(), TimeUnit.MILLISECONDS)) {
                if (deadline.passed()) {
                    throw new SocketTimeoutException("too many large answers at a time");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketTimeoutException("interrupted");
        }
    }

    /** Gives the turn back. */
    void end() {
        turns.release();
    }
}

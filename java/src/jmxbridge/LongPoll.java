package jmxbridge;

import java.io.IOException;

/**
 * One call that stays open on the target while many short ones come and go.
 *
 * <p>The JDK's server counts a session's calls, and whenever none is left it wakes the thread that watches for
 * idle sessions. With short calls that is after nearly each of them, and a third of what they cost the target.
 * Waiting for notifications that don't come keeps the count above zero.
 */
final class LongPoll {
    /** How long the call outlives its use at most. */
    private static final long MILLIS = 50;

    private final Calls calls;
    private int users;
    private boolean open;
    private boolean useless;

    LongPoll(Calls calls) {
        this.calls = calls;
    }

    /** Opens the call, if it isn't open already. */
    synchronized void begin() {
        users++;
        if (!open && !useless) {
            open = true;
            Thread thread = new Thread(this::keep, "jmx-long-poll");
            thread.setDaemon(true);
            thread.start();
        }
    }

    synchronized void end() {
        users--;
    }

    private void keep() {
        boolean held = false;
        try {
            do {
                held = calls.longPoll(MILLIS);
            } while (wanted(held));
        } catch (IOException | RuntimeException e) {
            synchronized (this) {
                open = false;
                useless = true;
            }
        }
    }

    private synchronized boolean wanted(boolean held) {
        open = held && users > 0;
        return open;
    }
}

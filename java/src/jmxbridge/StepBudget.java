package jmxbridge;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How much each pattern may work: in one match, and in all matches of a scrape together.
 *
 * <p>A match that takes few steps is free, so a pattern may be tried on any number of values; only what it takes
 * beyond that is counted. One that used all of it up rests for good: whoever wrote it has to mend it. Safe for
 * several threads.
 */
final class StepBudget {
    /** Seventy times what patterns in use take; about 10 ms of one core. */
    static final int MOST_IN_MATCH = 1_000_000;

    private static final int FREE = 30_000;
    /** About half a second of one core. */
    private static final int MOST_IN_SCRAPE = 50_000_000;

    private final AtomicIntegerArray left;
    private final boolean[] resting;

    StepBudget(int patterns) {
        this.left = new AtomicIntegerArray(patterns);
        this.resting = new boolean[patterns];
        renew();
    }

    /** Begins a scrape. */
    void renew() {
        for (int i = 0; i < left.length(); i++) {
            resting[i] = resting(i);
            left.set(i, MOST_IN_SCRAPE);
        }
    }

    boolean resting(int pattern) {
        return resting[pattern] || left.get(pattern) < 0;
    }

    void spend(int pattern, int steps) {
        if (steps > FREE && !resting(pattern)) {
            left.addAndGet(pattern, FREE - steps);
        }
    }
}

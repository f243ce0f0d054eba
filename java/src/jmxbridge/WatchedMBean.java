package jmxbridge;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** One MBean that is followed: what is asked of it, where its numbers lie, and whether it rests. */
final class WatchedMBean {
    private static final long FIRST_REST = TimeUnit.SECONDS.toNanos(30);
    private static final long LONGEST_REST = TimeUnit.MINUTES.toNanos(10);

    final int id;
    /** As registered: properties have an order. */
    final String name;
    final int scopes;

    /** Null: not read. */
    Request request;
    Shape shape;
    /** Index of its first number in the table; −1 while it has none there. */
    int base = -1;
    /** Numbers and texts of the first reading, until the MBean gets its place in the table. */
    Flattener.Flat firstRead;
    /** The last texts sent, by leaf. */
    String[] texts;
    /** A call to it is under way; it outlives the deadline when the target is slow. */
    volatile boolean busy;
    /** Since when it is by itself or first in line with a question, in System.nanoTime(); 0: it is not. */
    private volatile long firstSince;
    /** How long it was in vain, since it gave its values last. */
    private volatile long waitedNanos;
    /** How often in a row it held up a scrape or sent what cannot be taken. */
    volatile int lapses;
    private volatile long restsUntil;
    /**
     * Its lone attribute is asked for in a list of one: by itself it threw or was null. An exception takes more
     * bytes than a list that lacks it, and only the list tells whether a null is a value.
     */
    boolean byList;
    /** The attributes that cannot be carried, never asked for again. */
    Set<String> unreadable = Set.of();

    /** The last round of names that it was among. */
    int round;

    WatchedMBean(int id, String name, int scopes) {
        this.id = id;
        this.name = name;
        this.scopes = scopes;
    }

    /** It is to be asked: by itself or *first* in line, or after others. */
    void asked(boolean first) {
        firstSince = first ? System.nanoTime() : 0;
    }

    /** It gave its values: how long they were waited for before is forgiven. */
    void answered() {
        waitedNanos = 0;
    }

    /** Another MBean has its name: what was learnt of the one before says nothing of it. */
    void renew() {
        unreadable = Set.of();
        byList = false;
        lapses = 0;
        waitedNanos = 0;
    }

    /** It did not answer in time; how long others would have had to wait for it alone, over several rounds. */
    long waitedMillis() {
        if (firstSince != 0) {
            long now = System.nanoTime();
            waitedNanos += now - firstSince;
            firstSince = now;
        }
        return TimeUnit.NANOSECONDS.toMillis(waitedNanos);
    }

    /** Leaves it alone for a while, for longer each time: it must not cost every scrape its deadline. */
    void lapse() {
        long rest = Math.min(LONGEST_REST, FIRST_REST << Math.min(lapses, 10));
        lapses++;
        restsUntil = System.nanoTime() + rest;
    }

    boolean resting() {
        return lapses > 0 && restsUntil - System.nanoTime() > 0;
    }

    /** The attributes to ask for: those of its request without those that cannot be carried. */
    String[] readable() {
        String[] wanted = request.attributes();
        if (unreadable.isEmpty()) {
            return wanted;
        }
        return Arrays.stream(wanted).filter(name -> !unreadable.contains(name)).toArray(String[]::new);
    }

    /** Whether one attribute is asked for, and by itself: without a list around it the answer is a third smaller. */
    boolean alone() {
        return !byList && request.attributes().length == 1 && unreadable.isEmpty();
    }

    /** What stands for its values before any has come: for each attribute asked for, why it has none. */
    Object[] unanswered() {
        Object[] values = new Object[request.attributes().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = unreadable.contains(request.attributes()[i]) ? Flattener.UNREADABLE : Flattener.ABSENT;
        }
        return values;
    }

    ObjectName objectName() throws MalformedObjectNameException {
        return new ObjectName(name);
    }
}

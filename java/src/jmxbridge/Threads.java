package jmxbridge;

import java.io.IOException;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

/** Counts a target's threads by state, by operations of its ThreadMXBean; only if the user allowed that. */
final class Threads {
    private static final ObjectName THREADING = Target.Session.name("java.lang:type=Threading");
    private static final String[] NOTHING = {};
    private static final int STATES = Thread.State.values().length;

    private Threads() {}

    static int[] states(Wire wire, Deadline deadline) throws IOException {
        int[] counts = new int[STATES + 3];
        long[] ids = (long[]) wire.attribute(THREADING, "AllThreadIds", deadline);
        Object infos = wire.invoke(
                THREADING, "getThreadInfo", new Object[] {ids, 0}, new String[] {"[J", "int"}, deadline);
        for (CompositeData info : (CompositeData[]) infos) {
            counts[info == null ? STATES : Thread.State.valueOf((String) info.get("threadState")).ordinal()]++;
        }
        counts[STATES + 1] = found(wire, "findDeadlockedThreads", deadline);
        counts[STATES + 2] = found(wire, "findMonitorDeadlockedThreads", deadline);
        return counts;
    }

    private static int found(Wire wire, String operation, Deadline deadline) throws IOException {
        long[] threads = (long[]) wire.invoke(THREADING, operation, NOTHING, NOTHING, deadline);
        return threads == null ? 0 : threads.length;
    }
}

package jmxbridge;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.MBeanServerDelegate;

/** The MBeans whose answers were late, which are asked less often if it is they who are slow. */
final class SlowMBeans {
    /** When more than these are late it is not they who are slow. */
    private static final int MOST = 100;
    /** An answer that takes longer holds up those behind it. */
    private static final long SLOW_MILLIS = 400;

    private final Set<WatchedMBean> late = ConcurrentHashMap.newKeySet();
    /** Those among them who are late by their own fault. */
    private final Set<WatchedMBean> culpable = ConcurrentHashMap.newKeySet();

    /**
     * How long an MBean may be first in line before others are asked elsewhere: at most half of the time that
     * there is, so that those behind it have the other half.
     */
    static long patience(Deadline deadline) {
        return Math.max(1, Math.min(SLOW_MILLIS, deadline.leftMillis() / 2));
    }

    /**
     * Notes who is late. Who was behind another, or asked when there was no time, is not to blame: only those
     * are whom others would have had to wait for, for long enough in all rounds since they answered last.
     */
    void note(WatchedMBean mbean, Failure failure) {
        if (failure == Failure.LATE) {
            late.add(mbean);
            if (mbean.waitedMillis() >= SLOW_MILLIS) {
                culpable.add(mbean);
            }
        }
    }

    /**
     * Lets the MBeans rest whose answers were late since the last time; none of them if the target itself
     * does not answer within *millis*. Returns how many.
     */
    int backOff(Wire wire, long millis) {
        List<WatchedMBean> slow = List.copyOf(culpable);
        boolean many = late.size() > MOST;
        late.clear();
        culpable.clear();
        if (slow.isEmpty() || many) {
            return 0;
        }
        try {
            wire.attribute(MBeanServerDelegate.DELEGATE_NAME, "MBeanServerId", Deadline.in(millis));
        } catch (IOException e) {
            return 0;
        }
        slow.forEach(WatchedMBean::lapse);
        return slow.size();
    }
}

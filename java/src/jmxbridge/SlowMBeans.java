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

    private final Set<WatchedMBean> late = ConcurrentHashMap.newKeySet();

    void note(WatchedMBean mbean, Failure failure) {
        if (failure == Failure.LATE) {
            late.add(mbean);
        }
    }

    /**
     * Lets the MBeans rest whose answers were late since the last time; none of them if the target itself
     * does not answer within *millis*. Returns how many.
     */
    int backOff(Wire wire, long millis) {
        List<WatchedMBean> slow = List.copyOf(late);
        late.clear();
        if (slow.isEmpty() || slow.size() > MOST) {
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

package jmxbridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.management.MBeanInfo;
import javax.management.ObjectName;

/** Asks one target many questions at a time. Implementations differ in how; what is asked and answered doesn't. */
interface Wire {

    /** The MBeans that each pattern finds, by the text of their names as registered. */
    List<List<String>> names(List<ObjectName> patterns, Deadline deadline) throws IOException;

    /** The names registered since the last time; null when the target could not tell all of them. */
    Set<String> registered(Deadline deadline) throws IOException;

    /** Calls *sink* once for each MBean that answered or failed in time, from one thread at a time. */
    void describe(List<WatchedMBean> mbeans, Deadline deadline, Sink<MBeanInfo> sink) throws IOException;

    /** The same for values: one for each attribute of the MBean's request, {@link Flattener#ABSENT} or
     * {@link Flattener#UNREADABLE} if it has none. */
    void read(List<WatchedMBean> mbeans, Deadline deadline, Sink<Object[]> sink) throws IOException;

    /** Invokes an operation without arguments or with simple ones. */
    Object invoke(ObjectName name, String operation, Object[] arguments, String[] signature, Deadline deadline)
            throws IOException;

    Object attribute(ObjectName name, String attribute, Deadline deadline) throws IOException;

    /** System properties of the target, "" for those that it lacks or doesn't let us read. */
    List<String> properties(List<String> keys, Deadline deadline) throws IOException;

    /** Ends the session; waits at most *millis* for the target to hear of it. */
    void close(long millis);

    /** Where answers go. */
    interface Sink<T> {
        /** The MBeans that can be asked now; tells why of the others, which rest or have a call under way. */
        default List<WatchedMBean> askable(List<WatchedMBean> mbeans) {
            List<WatchedMBean> askable = new ArrayList<>(mbeans.size());
            for (WatchedMBean mbean : mbeans) {
                if (mbean.resting()) {
                    failed(mbean, Failure.RESTING, null);
                } else if (mbean.busy) {
                    failed(mbean, Failure.LATE, null);
                } else {
                    mbean.asked(false);
                    askable.add(mbean);
                }
            }
            return askable;
        }

        /** Gives an answer; one that cannot be taken in is that MBean's failure. */
        default void take(WatchedMBean mbean, T answer) {
            try {
                answer(mbean, answer);
            } catch (RuntimeException | StackOverflowError e) {
                failed(mbean, Failure.BROKEN, e);
            }
        }

        void answer(WatchedMBean mbean, T answer);

        void failed(WatchedMBean mbean, Failure failure, Throwable error);
    }
}

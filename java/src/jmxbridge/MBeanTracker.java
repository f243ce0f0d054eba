package jmxbridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.MBeanInfo;
import javax.management.ObjectName;

/**
 * The MBeans of one session that are in scope, and their numbers; what Python calls.
 *
 * <p>The life of an MBean here: {@link #names} finds it, {@link #describe} tells its attributes, {@link
 * #readFirst} reads them all once, {@link #select} settles which are worth reading, {@link #read} reads those
 * from then on. One thread may describe and read first while another requests and selects; nothing else goes
 * together. The calls to the target run on the wire's own threads. What crosses is laid out by {@link
 * Encoding}.
 */
public final class MBeanTracker {
    /** Bytes that first readings may leave behind before they are collected. */
    private static final long FIRST_READ_BYTES = 16L << 20;

    private final Wire wire;
    private final Membership membership;
    private final Descriptions descriptions = new Descriptions();
    private final Placement placement = new Placement();
    private final SlowMBeans slow = new SlowMBeans();
    private final List<Request> requests = new ArrayList<>();
    private final Set<Deadline> underWay = ConcurrentHashMap.newKeySet();

    MBeanTracker(Wire wire, Scope scope, List<ObjectName> platform, int most) {
        this.wire = wire;
        this.membership = new Membership(scope, platform, most);
    }

    /** Lets questions to MBeans that are under way end within *millis*, with what has arrived by then. */
    public synchronized void hurry(long millis) {
        underWay.forEach(deadline -> deadline.hurry(millis));
    }

    private Deadline begin(long millis) {
        Deadline deadline = Deadline.in(millis);
        underWay.add(deadline);
        return deadline;
    }

    private void read(List<WatchedMBean> mbeans, long millis, Wire.Sink<Object[]> sink) throws IOException {
        Deadline deadline = begin(millis);
        try {
            wire.read(mbeans, deadline, sink);
        } finally {
            underWay.remove(deadline);
        }
    }

    /** What became of the MBeans since the last time: {@link Encoding#changes}. */
    public FlatArrays names(long millis) throws IOException {
        Membership.Changes changes = membership.look(wire, Deadline.in(millis));
        changes.vanished().forEach(placement::release);
        return Encoding.changes(changes);
    }

    /** The attributes of some MBeans: {@link Encoding#descriptions}. */
    public FlatArrays describe(int[] ids, long millis) throws IOException {
        List<WatchedMBean> mbeans = membership.byIds(ids);
        Map<WatchedMBean, Integer> numbers = new HashMap<>();
        Wire.Sink<MBeanInfo> sink = new Wire.Sink<>() {
            @Override
            public void answer(WatchedMBean mbean, MBeanInfo info) {
                numbers.put(mbean, descriptions.number(info));
            }

            @Override
            public void failed(WatchedMBean mbean, Failure failure, Throwable error) {
                slow.note(mbean, failure);
                numbers.put(mbean, Encoding.number(failure));
            }
        };
        Deadline deadline = begin(millis);
        try {
            wire.describe(mbeans, deadline, sink);
        } finally {
            underWay.remove(deadline);
        }
        return Encoding.descriptions(mbeans, numbers, descriptions.takeNew());
    }

    /** The number of a request for these attributes (joined by NUL), with what text is wanted of each. */
    public synchronized int request(byte[] attributes, byte[] texts) {
        requests.add(Request.parse(new String(attributes, StandardCharsets.UTF_8), texts));
        return requests.size() - 1;
    }

    private synchronized Request requested(int number) {
        return requests.get(number);
    }

    /**
     * Reads MBeans by a first request each, to learn their shapes: {@link Encoding#firstReading}.
     *
     * <p>Their numbers wait for {@link #select}; those of an earlier reading are given up, even if this fails.
     */
    public FlatArrays readFirst(int[] ids, int[] firstRequests, long millis) throws IOException {
        List<WatchedMBean> mbeans = membership.byIds(ids);
        for (int i = 0; i < firstRequests.length; i++) {
            WatchedMBean mbean = mbeans.get(i);
            placement.release(mbean);
            mbean.request = requested(firstRequests[i]);
        }
        FirstReading reading = new FirstReading(placement, slow);
        read(mbeans, millis, reading);
        return Encoding.firstReading(mbeans, reading, placement.takeNewShapes());
    }

    /**
     * Narrows MBeans that were read first to the request that matters: their numbers go to the table, without
     * the leaves of attributes that the new request leaves out. Request −1: not read. {@link Encoding#placed}.
     */
    public FlatArrays select(int[] ids, int[] finalRequests) {
        List<WatchedMBean> mbeans = membership.byIds(ids);
        for (int i = 0; i < finalRequests.length; i++) {
            WatchedMBean mbean = mbeans.get(i);
            if (finalRequests[i] < 0) {
                placement.release(mbean);
                mbean.request = null;
            } else {
                placement.narrow(mbean, requested(finalRequests[i]));
            }
        }
        FlatArrays arrays = Encoding.placed(mbeans, placement.takeNewShapes());
        if (Heap.grown(FIRST_READ_BYTES)) {
            Heap.collect();
        }
        return arrays;
    }

    /** Reads every MBean that has a request, except *fresh* ones, just read first: {@link Encoding#reading}. */
    public FlatArrays read(int[] fresh, long millis) throws IOException {
        Set<Integer> skip = new HashSet<>();
        for (int id : fresh) {
            skip.add(id);
        }
        List<WatchedMBean> mbeans = membership.planned();
        mbeans.removeIf(mbean -> skip.contains(mbean.id));
        placement.texts.begin();
        Reading reading = new Reading(placement, slow);
        read(mbeans, millis, reading);
        return Encoding.reading(reading, placement.takeNewShapes(), placement.numbers());
    }

    /**
     * Lets the MBeans rest whose answers were late since the last time; none of them if the target itself
     * does not answer within *millis*. Returns how many.
     */
    public int backOffSlow(long millis) {
        return slow.backOff(wire, millis);
    }
}

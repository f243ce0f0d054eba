package jmxbridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServerDelegate;
import javax.management.ObjectName;

/**
 * The MBeans of one session that somebody cares for, and their numbers.
 *
 * <p>The life of an MBean here: {@link #names} finds it, {@link #describe} tells its attributes, {@link
 * #readFirst} reads them all once, {@link #select} decides which are worth reading, {@link #read} reads those
 * from then on. One thread may describe and read first while another requests and selects; nothing else goes
 * together; the calls to the target run on the wire's own threads.
 */
public final class MBeanTracker {
    /** What the rules may see. */
    private static final int RULES = 1;
    /** What the JVM's own metrics need. */
    private static final int PLATFORM = 2;

    /** Bytes that first readings may leave behind before they are collected. */
    private static final long FIRST_READ_BYTES = 16L << 20;

    /** When more than these are late it is not they who are slow. */
    private static final int MOST_SLOW = 100;

    private final int most;
    private int cut;
    private final Wire wire;
    private final Scope scope;
    private final List<ObjectName> platform;
    private final List<ObjectName> queries;
    private final Map<String, WatchedMBean> known = new HashMap<>();
    /** Names that no scope admits, with the round that last saw them. */
    private final Map<String, Integer> ignored = new HashMap<>();
    private int round;
    private final List<WatchedMBean> byId = new ArrayList<>();
    private final List<Integer> freeIds = new ArrayList<>();
    private final Map<List<Object>, Integer> infos = new HashMap<>();
    private final List<Request> requests = new ArrayList<>();
    private final Shape.Table shapes = new Shape.Table();
    private final List<Shape> unsentShapes = new ArrayList<>();
    private final Set<Integer> sentShapes = new HashSet<>();
    private final NumberTable table = new NumberTable();
    private final Set<WatchedMBean> late = ConcurrentHashMap.newKeySet();

    MBeanTracker(Wire wire, Scope scope, List<ObjectName> platform, int most) {
        this.most = most;
        this.wire = wire;
        this.scope = scope;
        this.platform = platform;
        this.queries = new ArrayList<>(scope.queries());
        queries.addAll(platform);
    }

    /**
     * Ints: number of MBeans; vanished: count, ids; appeared: count, (id, scopes); registered anew under a
     * known name: −1 if the target lost count, else count, ids; how many were left out as too many. Strings:
     * names of the appeared.
     */
    public FlatArrays names(long millis) throws IOException {
        Deadline deadline = Deadline.in(millis);
        Set<String> again = wire.registered(deadline);
        Map<String, Integer> appeared = look(deadline);
        List<WatchedMBean> gone = new ArrayList<>();
        List<WatchedMBean> anew = new ArrayList<>();
        for (WatchedMBean mbean : known.values()) {
            if (mbean.round != round) {
                gone.add(mbean);
            } else if (again != null && again.contains(mbean.name)) {
                anew.add(mbean);
            }
        }
        ignored.values().removeIf(seen -> seen != round);
        FlatArrays.Builder arrays = new FlatArrays.Builder().put(known.size() - gone.size() + ignored.size() + appeared.size());
        arrays.put(gone.size());
        gone.forEach(mbean -> arrays.put(mbean.id));
        gone.forEach(this::forget);
        arrays.put(appeared.size());
        appeared.forEach((name, scopes) -> {
            WatchedMBean mbean = add(name, scopes);
            arrays.put(mbean.id).put(mbean.scopes).put(name);
        });
        arrays.put(again == null ? -1 : anew.size());
        anew.forEach(mbean -> arrays.put(mbean.id));
        return arrays.put(cut).build();
    }

    /** Marks what is known and present; returns what is new and in some scope. */
    private Map<String, Integer> look(Deadline deadline) throws IOException {
        round++;
        cut = 0;
        Map<String, Integer> appeared = new LinkedHashMap<>();
        List<List<String>> found = wire.names(queries, deadline);
        int forRules = queries.size() - platform.size();
        for (int i = 0; i < queries.size(); i++) {
            for (String name : found.get(i)) {
                WatchedMBean mbean = known.get(name);
                if (mbean != null) {
                    mbean.round = round;
                } else if (i >= forRules) {
                    ignored.remove(name);
                    appeared.merge(name, PLATFORM, (a, b) -> a | b);
                } else if (ignored.containsKey(name) || !scope.admits(Target.Session.name(name))) {
                    ignored.put(name, round);
                } else if (known.size() + appeared.size() < most) {
                    appeared.put(name, RULES);
                } else {
                    cut++;
                }
            }
        }
        return appeared;
    }

    private WatchedMBean add(String name, int scopes) {
        int id = freeIds.isEmpty() ? byId.size() : freeIds.remove(freeIds.size() - 1);
        WatchedMBean mbean = new WatchedMBean(id, name, scopes);
        mbean.round = round;
        known.put(name, mbean);
        if (id == byId.size()) {
            byId.add(mbean);
        } else {
            byId.set(id, mbean);
        }
        return mbean;
    }

    private void forget(WatchedMBean mbean) {
        known.remove(mbean.name);
        byId.set(mbean.id, null);
        freeIds.add(mbean.id);
        release(mbean);
    }

    private void release(WatchedMBean mbean) {
        if (mbean.base >= 0) {
            table.release(mbean.base, mbean.shape.leaves.length);
            mbean.base = -1;
        }
        mbean.shape = null;
        mbean.texts = null;
        mbean.firstRead = null;
    }

    /**
     * Ints: for each id its description's number, or −1 and the failure's; then how many descriptions are
     * new, and for each: number, how many readable attributes, and whether each has a description (1) or not.
     * Strings: for each such attribute name, type, description.
     */
    public FlatArrays describe(int[] ids, long millis) throws IOException {
        FlatArrays.Builder fresh = new FlatArrays.Builder();
        Map<WatchedMBean, Integer> numbers = new HashMap<>();
        int before = infos.size();
        wire.describe(mbeans(ids), Deadline.in(millis), new Wire.Sink<>() {
            @Override
            public void answer(WatchedMBean mbean, MBeanInfo info) {
                numbers.put(mbean, number(info, fresh));
            }

            @Override
            public void failed(WatchedMBean mbean, Failure failure, Throwable error) {
                note(mbean, failure);
                numbers.put(mbean, -1 - failure.ordinal());
            }
        });
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (int id : ids) {
            arrays.put(numbers.getOrDefault(byId.get(id), -1 - Failure.LATE.ordinal()));
        }
        FlatArrays news = fresh.build();
        arrays.put(infos.size() - before);
        for (int value : news.ints()) {
            arrays.put(value);
        }
        return new FlatArrays(arrays.build().ints(), news.numbers(), news.strings());
    }

    private int number(MBeanInfo info, FlatArrays.Builder fresh) {
        List<Object> content = new ArrayList<>();
        List<MBeanAttributeInfo> readable = new ArrayList<>();
        for (MBeanAttributeInfo attribute : info.getAttributes()) {
            if (attribute.isReadable()) {
                readable.add(attribute);
                content.add(attribute.getName());
                content.add(attribute.getType());
                content.add(attribute.getDescription());
            }
        }
        Integer number = infos.get(content);
        if (number != null) {
            return number;
        }
        infos.put(content, infos.size());
        fresh.put(infos.size() - 1).put(readable.size());
        for (MBeanAttributeInfo attribute : readable) {
            fresh.put(attribute.getDescription() == null ? 0 : 1);
            fresh.put(attribute.getName());
            fresh.put(attribute.getType() == null ? "" : attribute.getType());
            fresh.put(attribute.getDescription() == null ? "" : attribute.getDescription());
        }
        return infos.size() - 1;
    }

    /** The number of a request for these attributes (joined by NUL), with what text is wanted of each. */
    public synchronized int request(byte[] attributes, byte[] texts) {
        String joined = new String(attributes, java.nio.charset.StandardCharsets.UTF_8);
        requests.add(Request.parse(joined, texts));
        return requests.size() - 1;
    }

    /**
     * Reads MBeans by a first request each, to learn their shapes; their numbers wait for {@link #select}.
     *
     * <p>Ints: for each id its shape, or −1 and the failure's number; then new shapes; then texts: how many,
     * and for each id, leaf. Strings: those of the shapes, then the texts.
     */
    public FlatArrays readFirst(int[] ids, int[] firstRequests, long millis) throws IOException {
        List<WatchedMBean> mbeans = mbeans(ids);
        begin(mbeans, firstRequests);
        Map<WatchedMBean, Integer> failures = new HashMap<>();
        wire.read(mbeans, Deadline.in(millis), new Wire.Sink<>() {
            @Override
            public void answer(WatchedMBean mbean, Object[] values) {
                Flattener.Flat flat = new Flattener(mbean.request, null).flatten(values);
                mbean.shape = intern(flat.changed() == null ? new Leaf[0] : flat.changed());
                mbean.firstRead = flat;
            }

            @Override
            public void failed(WatchedMBean mbean, Failure failure, Throwable error) {
                note(mbean, failure);
                failures.put(mbean, failure.ordinal());
            }
        });
        return firstReading(mbeans, failures);
    }

    private synchronized void begin(List<WatchedMBean> mbeans, int[] firstRequests) {
        for (int i = 0; i < firstRequests.length; i++) {
            WatchedMBean mbean = mbeans.get(i);
            release(mbean);
            mbean.request = requests.get(firstRequests[i]);
        }
    }

    private synchronized FlatArrays firstReading(List<WatchedMBean> mbeans, Map<WatchedMBean, Integer> failures) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (WatchedMBean mbean : mbeans) {
            arrays.put(mbean.shape != null ? mbean.shape.id : -1 - failures.getOrDefault(mbean, Failure.LATE.ordinal()));
        }
        putShapes(arrays);
        int mark = arrays.mark();
        arrays.put(0);
        int count = 0;
        for (WatchedMBean mbean : mbeans) {
            String[] texts = mbean.firstRead == null ? null : mbean.firstRead.texts();
            for (int leaf = 0; texts != null && leaf < Math.min(texts.length, mbean.firstRead.size()); leaf++) {
                if (texts[leaf] != null) {
                    arrays.put(mbean.id).put(leaf).put(texts[leaf]);
                    count++;
                }
            }
        }
        arrays.set(mark, count);
        return arrays.build();
    }

    private synchronized Shape intern(Leaf[] leaves) {
        Shape shape = shapes.intern(leaves);
        if (sentShapes.add(shape.id)) {
            unsentShapes.add(shape);
        }
        return shape;
    }

    /** Count; then for each: number, leaves, and for each leaf attribute, kind, path and row lengths, description. */
    private void putShapes(FlatArrays.Builder arrays) {
        arrays.put(unsentShapes.size());
        for (Shape shape : unsentShapes) {
            arrays.put(shape.id).put(shape.leaves.length);
            for (Leaf leaf : shape.leaves) {
                arrays.put(leaf.attribute()).put(leaf.kind().ordinal()).put(leaf.path().length).put(leaf.row().length);
                arrays.put(leaf.description() == null ? 0 : 1);
                arrays.put(leaf.name());
                for (String part : leaf.path()) {
                    arrays.put(part);
                }
                for (String part : leaf.row()) {
                    arrays.put(part);
                }
                if (leaf.description() != null) {
                    arrays.put(leaf.description());
                }
            }
        }
        unsentShapes.clear();
    }

    /**
     * Narrows firstRead MBeans to the request that matters: their numbers go to the table, without the leaves
     * of attributes that the new request leaves out. Request −1: not read.
     *
     * <p>Ints: for each id shape and base, −1 where it has none; then new shapes.
     */
    public synchronized FlatArrays select(int[] ids, int[] finalRequests) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (int i = 0; i < ids.length; i++) {
            WatchedMBean mbean = byId.get(ids[i]);
            if (finalRequests[i] < 0) {
                release(mbean);
                mbean.request = null;
            } else {
                narrow(mbean, requests.get(finalRequests[i]));
            }
            arrays.put(mbean.shape == null ? -1 : mbean.shape.id).put(mbean.base);
        }
        putShapes(arrays);
        if (Heap.grown(FIRST_READ_BYTES)) {
            Heap.settle();
        }
        return arrays.build();
    }

    private void narrow(WatchedMBean mbean, Request request) {
        Flattener.Flat flat = mbean.firstRead;
        int[] index = new int[mbean.request.attributes().length];
        List<String> kept = List.of(request.attributes());
        for (int i = 0; i < index.length; i++) {
            index[i] = kept.indexOf(mbean.request.attributes()[i]);
        }
        List<Leaf> leaves = new ArrayList<>();
        double[] numbers = new double[mbean.shape.leaves.length];
        for (int i = 0; i < mbean.shape.leaves.length; i++) {
            Leaf leaf = mbean.shape.leaves[i];
            int attribute = index[leaf.attribute()];
            if (attribute >= 0) {
                numbers[leaves.size()] = flat.numbers()[i];
                leaves.add(new Leaf(attribute, leaf.kind(), leaf.path(), leaf.name(), leaf.description(), leaf.row()));
            }
        }
        release(mbean);
        mbean.request = request;
        place(mbean, intern(leaves.toArray(new Leaf[0])), numbers);
    }

    private void place(WatchedMBean mbean, Shape shape, double[] numbers) {
        if (mbean.base >= 0) {
            table.release(mbean.base, mbean.shape.leaves.length);
        }
        mbean.shape = shape;
        mbean.base = table.allocate(shape.leaves.length);
        table.store(mbean.base, numbers, shape.leaves.length);
    }

    /**
     * Reads every MBean that has a request, except *fresh* ones, which were just read first.
     *
     * <p>Ints: unread: count, (id, failure); changed: count, (id, shape, base); new shapes; texts that
     * changed: count, (id, leaf). Strings: those of the shapes, then the texts. Numbers: the table.
     */
    public FlatArrays read(int[] fresh, long millis) throws IOException {
        Set<Integer> skip = new HashSet<>();
        for (int id : fresh) {
            skip.add(id);
        }
        List<WatchedMBean> mbeans = new ArrayList<>(known.size());
        for (WatchedMBean mbean : byId) {
            if (mbean != null && mbean.request != null && mbean.base >= 0 && !skip.contains(mbean.id)) {
                mbeans.add(mbean);
            }
        }
        Reading reading = new Reading();
        wire.read(mbeans, Deadline.in(millis), reading);
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        arrays.put(reading.failed.size());
        reading.failed.forEach((mbean, failure) -> arrays.put(mbean.id).put(failure.ordinal()));
        arrays.put(reading.changed.size());
        reading.changed.forEach(mbean -> arrays.put(mbean.id).put(mbean.shape.id).put(mbean.base));
        putShapes(arrays);
        arrays.put(reading.texts.size());
        for (Text text : reading.texts) {
            arrays.put(text.mbean.id).put(text.leaf).put(text.text);
        }
        return arrays.build(table.copy());
    }

    private record Text(WatchedMBean mbean, int leaf, String text) {}

    /** Takes the answers of one read into the table. */
    private final class Reading implements Wire.Sink<Object[]> {
        final Map<WatchedMBean, Failure> failed = new HashMap<>();
        final List<WatchedMBean> changed = new ArrayList<>();
        final List<Text> texts = new ArrayList<>();

        @Override
        public void answer(WatchedMBean mbean, Object[] values) {
            Flattener.Flat flat = new Flattener(mbean.request, mbean.shape).flatten(values);
            if (flat.changed() == null) {
                table.store(mbean.base, flat.numbers(), flat.size());
            } else {
                place(mbean, intern(flat.changed()), flat.numbers());
                mbean.texts = null;
                changed.add(mbean);
            }
            keepTexts(mbean, flat);
        }

        private void keepTexts(WatchedMBean mbean, Flattener.Flat flat) {
            if (flat.texts() == null) {
                return;
            }
            if (mbean.texts == null) {
                mbean.texts = new String[flat.size()];
            }
            for (int leaf = 0; leaf < Math.min(flat.texts().length, flat.size()); leaf++) {
                String text = flat.texts()[leaf];
                if (text != null && !text.equals(mbean.texts[leaf])) {
                    mbean.texts[leaf] = text;
                    texts.add(new Text(mbean, leaf, text));
                }
            }
        }

        @Override
        public void failed(WatchedMBean mbean, Failure failure, Throwable error) {
            note(mbean, failure);
            failed.put(mbean, failure);
        }
    }

    private void note(WatchedMBean mbean, Failure failure) {
        if (failure == Failure.LATE) {
            late.add(mbean);
        }
    }

    /**
     * Lets the MBeans rest whose answers were late since the last time; none of them if the target itself
     * does not answer within *millis*. Returns how many.
     */
    public int backOffSlow(long millis) {
        List<WatchedMBean> slow = List.copyOf(late);
        late.clear();
        if (slow.isEmpty() || slow.size() > MOST_SLOW) {
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

    private List<WatchedMBean> mbeans(int[] ids) {
        List<WatchedMBean> mbeans = new ArrayList<>(ids.length);
        for (int id : ids) {
            mbeans.add(byId.get(id));
        }
        return mbeans;
    }

    /** Names known by now, for tests and the curious. */
    Collection<WatchedMBean> known() {
        return known.values();
    }
}

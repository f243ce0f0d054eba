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
 * #survey} reads them all once, {@link #assign} decides which are worth reading, {@link #read} reads those
 * from then on. One thread may describe and survey while another requests and assigns, nothing else goes
 * together; the calls to the target run on the wire's own threads.
 */
public final class Watch {
    /** What the rules may see. */
    private static final int RULES = 1;
    /** What the JVM's own metrics need. */
    private static final int PLATFORM = 2;

    /** Bytes that surveys may leave behind before they are collected. */
    private static final long SURVEYS = 16L << 20;

    /** When more than these are late it is not they who are slow. */
    private static final int MOST_BLAMED = 100;

    private final int most;
    private int cut;
    private final Wire wire;
    private final Scope scope;
    private final List<ObjectName> platform;
    private final List<ObjectName> queries;
    private final Map<String, Bean> known = new HashMap<>();
    /** Names that no scope admits, with the round that last saw them. */
    private final Map<String, Integer> ignored = new HashMap<>();
    private int round;
    private final List<Bean> byId = new ArrayList<>();
    private final List<Integer> freeIds = new ArrayList<>();
    private final Map<List<Object>, Integer> infos = new HashMap<>();
    private final List<Request> requests = new ArrayList<>();
    private final Shape.Table shapes = new Shape.Table();
    private final List<Shape> unsentShapes = new ArrayList<>();
    private final Set<Integer> sentShapes = new HashSet<>();
    private final Slots slots = new Slots();
    private final Set<Bean> late = ConcurrentHashMap.newKeySet();

    Watch(Wire wire, Scope scope, List<ObjectName> platform, int most) {
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
    public Parcel names(long millis) throws IOException {
        Deadline deadline = Deadline.in(millis);
        Set<String> again = wire.registered(deadline);
        Map<String, Integer> appeared = look(deadline);
        List<Bean> gone = new ArrayList<>();
        List<Bean> anew = new ArrayList<>();
        for (Bean bean : known.values()) {
            if (bean.round != round) {
                gone.add(bean);
            } else if (again != null && again.contains(bean.name)) {
                anew.add(bean);
            }
        }
        ignored.values().removeIf(seen -> seen != round);
        Parcel.Builder parcel = new Parcel.Builder().put(known.size() - gone.size() + ignored.size() + appeared.size());
        parcel.put(gone.size());
        gone.forEach(bean -> parcel.put(bean.id));
        gone.forEach(this::forget);
        parcel.put(appeared.size());
        appeared.forEach((name, scopes) -> {
            Bean bean = add(name, scopes);
            parcel.put(bean.id).put(bean.scopes).put(name);
        });
        parcel.put(again == null ? -1 : anew.size());
        anew.forEach(bean -> parcel.put(bean.id));
        return parcel.put(cut).build();
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
                Bean bean = known.get(name);
                if (bean != null) {
                    bean.round = round;
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

    private Bean add(String name, int scopes) {
        int id = freeIds.isEmpty() ? byId.size() : freeIds.remove(freeIds.size() - 1);
        Bean bean = new Bean(id, name, scopes);
        bean.round = round;
        known.put(name, bean);
        if (id == byId.size()) {
            byId.add(bean);
        } else {
            byId.set(id, bean);
        }
        return bean;
    }

    private void forget(Bean bean) {
        known.remove(bean.name);
        byId.set(bean.id, null);
        freeIds.add(bean.id);
        release(bean);
    }

    private void release(Bean bean) {
        if (bean.base >= 0) {
            slots.release(bean.base, bean.shape.leaves.length);
            bean.base = -1;
        }
        bean.shape = null;
        bean.texts = null;
        bean.surveyed = null;
    }

    /**
     * Ints: for each id its description's number, or −1 and the failure's; then how many descriptions are
     * new, and for each: number, how many readable attributes, and whether each has a description (1) or not.
     * Strings: for each such attribute name, type, description.
     */
    public Parcel describe(int[] ids, long millis) throws IOException {
        Parcel.Builder fresh = new Parcel.Builder();
        Map<Bean, Integer> numbers = new HashMap<>();
        int before = infos.size();
        wire.describe(beans(ids), Deadline.in(millis), new Wire.Sink<>() {
            @Override
            public void answer(Bean bean, MBeanInfo info) {
                numbers.put(bean, number(info, fresh));
            }

            @Override
            public void failed(Bean bean, Failure failure, Throwable error) {
                note(bean, failure);
                numbers.put(bean, -1 - failure.ordinal());
            }
        });
        Parcel.Builder parcel = new Parcel.Builder();
        for (int id : ids) {
            parcel.put(numbers.getOrDefault(byId.get(id), -1 - Failure.LATE.ordinal()));
        }
        Parcel news = fresh.build();
        parcel.put(infos.size() - before);
        for (int value : news.ints()) {
            parcel.put(value);
        }
        return new Parcel(parcel.build().ints(), news.numbers(), news.strings());
    }

    private int number(MBeanInfo info, Parcel.Builder fresh) {
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
        requests.add(new Request(texts.length == 0 ? Leaf.NONE : joined.split("\0", -1), texts));
        return requests.size() - 1;
    }

    /**
     * Reads MBeans by a first request each, to learn their shapes; their numbers wait for {@link #assign}.
     *
     * <p>Ints: for each id its shape, or −1 and the failure's number; then new shapes; then texts: how many,
     * and for each id, leaf. Strings: those of the shapes, then the texts.
     */
    public Parcel survey(int[] ids, int[] firstRequests, long millis) throws IOException {
        List<Bean> beans = beans(ids);
        begin(beans, firstRequests);
        Map<Bean, Integer> failures = new HashMap<>();
        wire.read(beans, Deadline.in(millis), new Wire.Sink<>() {
            @Override
            public void answer(Bean bean, Object[] values) {
                Flattener.Flat flat = new Flattener(bean.request, null).flatten(values);
                bean.shape = intern(flat.changed() == null ? new Leaf[0] : flat.changed());
                bean.surveyed = flat;
            }

            @Override
            public void failed(Bean bean, Failure failure, Throwable error) {
                note(bean, failure);
                failures.put(bean, failure.ordinal());
            }
        });
        return surveyed(beans, failures);
    }

    private synchronized void begin(List<Bean> beans, int[] firstRequests) {
        for (int i = 0; i < firstRequests.length; i++) {
            Bean bean = beans.get(i);
            release(bean);
            bean.request = requests.get(firstRequests[i]);
        }
    }

    private synchronized Parcel surveyed(List<Bean> beans, Map<Bean, Integer> failures) {
        Parcel.Builder parcel = new Parcel.Builder();
        for (Bean bean : beans) {
            parcel.put(bean.shape != null ? bean.shape.id : -1 - failures.getOrDefault(bean, Failure.LATE.ordinal()));
        }
        putShapes(parcel);
        int mark = parcel.mark();
        parcel.put(0);
        int count = 0;
        for (Bean bean : beans) {
            String[] texts = bean.surveyed == null ? null : bean.surveyed.texts();
            for (int leaf = 0; texts != null && leaf < Math.min(texts.length, bean.surveyed.size()); leaf++) {
                if (texts[leaf] != null) {
                    parcel.put(bean.id).put(leaf).put(texts[leaf]);
                    count++;
                }
            }
        }
        parcel.set(mark, count);
        return parcel.build();
    }

    private synchronized Shape intern(Leaf[] leaves) {
        Shape shape = shapes.intern(leaves);
        if (sentShapes.add(shape.id)) {
            unsentShapes.add(shape);
        }
        return shape;
    }

    /** Count; then for each: number, leaves, and for each leaf attribute, kind, path and row lengths, description. */
    private void putShapes(Parcel.Builder parcel) {
        parcel.put(unsentShapes.size());
        for (Shape shape : unsentShapes) {
            parcel.put(shape.id).put(shape.leaves.length);
            for (Leaf leaf : shape.leaves) {
                parcel.put(leaf.attribute()).put(leaf.kind()).put(leaf.path().length).put(leaf.row().length);
                parcel.put(leaf.description() == null ? 0 : 1);
                parcel.put(leaf.name());
                for (String part : leaf.path()) {
                    parcel.put(part);
                }
                for (String part : leaf.row()) {
                    parcel.put(part);
                }
                if (leaf.description() != null) {
                    parcel.put(leaf.description());
                }
            }
        }
        unsentShapes.clear();
    }

    /**
     * Narrows surveyed MBeans to the request that matters: their numbers go to the table, without the leaves
     * of attributes that the new request leaves out. Request −1: not read.
     *
     * <p>Ints: for each id shape and base, −1 where it has none; then new shapes.
     */
    public synchronized Parcel assign(int[] ids, int[] finalRequests) {
        Parcel.Builder parcel = new Parcel.Builder();
        for (int i = 0; i < ids.length; i++) {
            Bean bean = byId.get(ids[i]);
            if (finalRequests[i] < 0) {
                release(bean);
                bean.request = null;
            } else {
                narrow(bean, requests.get(finalRequests[i]));
            }
            parcel.put(bean.shape == null ? -1 : bean.shape.id).put(bean.base);
        }
        putShapes(parcel);
        if (Heap.grown(SURVEYS)) {
            Heap.settle();
        }
        return parcel.build();
    }

    private void narrow(Bean bean, Request request) {
        Flattener.Flat flat = bean.surveyed;
        int[] index = new int[bean.request.attributes().length];
        List<String> kept = List.of(request.attributes());
        for (int i = 0; i < index.length; i++) {
            index[i] = kept.indexOf(bean.request.attributes()[i]);
        }
        List<Leaf> leaves = new ArrayList<>();
        double[] numbers = new double[bean.shape.leaves.length];
        for (int i = 0; i < bean.shape.leaves.length; i++) {
            Leaf leaf = bean.shape.leaves[i];
            int attribute = index[leaf.attribute()];
            if (attribute >= 0) {
                numbers[leaves.size()] = flat.numbers()[i];
                leaves.add(new Leaf(attribute, leaf.kind(), leaf.path(), leaf.name(), leaf.description(), leaf.row()));
            }
        }
        release(bean);
        bean.request = request;
        place(bean, intern(leaves.toArray(new Leaf[0])), numbers);
    }

    private void place(Bean bean, Shape shape, double[] numbers) {
        if (bean.base >= 0) {
            slots.release(bean.base, bean.shape.leaves.length);
        }
        bean.shape = shape;
        bean.base = slots.allocate(shape.leaves.length);
        slots.store(bean.base, numbers, shape.leaves.length);
    }

    /**
     * Reads every MBean that has a request, except *fresh* ones, which a survey has just read.
     *
     * <p>Ints: unread: count, (id, failure); changed: count, (id, shape, base); new shapes; texts that
     * changed: count, (id, leaf). Strings: those of the shapes, then the texts. Numbers: the table.
     */
    public Parcel read(int[] fresh, long millis) throws IOException {
        Set<Integer> skip = new HashSet<>();
        for (int id : fresh) {
            skip.add(id);
        }
        List<Bean> beans = new ArrayList<>(known.size());
        for (Bean bean : byId) {
            if (bean != null && bean.request != null && bean.base >= 0 && !skip.contains(bean.id)) {
                beans.add(bean);
            }
        }
        Reading reading = new Reading();
        wire.read(beans, Deadline.in(millis), reading);
        Parcel.Builder parcel = new Parcel.Builder();
        parcel.put(reading.failed.size());
        reading.failed.forEach((bean, failure) -> parcel.put(bean.id).put(failure.ordinal()));
        parcel.put(reading.changed.size());
        reading.changed.forEach(bean -> parcel.put(bean.id).put(bean.shape.id).put(bean.base));
        putShapes(parcel);
        parcel.put(reading.texts.size());
        for (Text text : reading.texts) {
            parcel.put(text.bean.id).put(text.leaf).put(text.text);
        }
        return parcel.build(slots.copy());
    }

    private record Text(Bean bean, int leaf, String text) {}

    /** Takes the answers of one read into the table. */
    private final class Reading implements Wire.Sink<Object[]> {
        final Map<Bean, Failure> failed = new HashMap<>();
        final List<Bean> changed = new ArrayList<>();
        final List<Text> texts = new ArrayList<>();

        @Override
        public void answer(Bean bean, Object[] values) {
            Flattener.Flat flat = new Flattener(bean.request, bean.shape).flatten(values);
            if (flat.changed() == null) {
                slots.store(bean.base, flat.numbers(), flat.size());
            } else {
                place(bean, intern(flat.changed()), flat.numbers());
                bean.texts = null;
                changed.add(bean);
            }
            keepTexts(bean, flat);
        }

        private void keepTexts(Bean bean, Flattener.Flat flat) {
            if (flat.texts() == null) {
                return;
            }
            if (bean.texts == null) {
                bean.texts = new String[flat.size()];
            }
            for (int leaf = 0; leaf < Math.min(flat.texts().length, flat.size()); leaf++) {
                String text = flat.texts()[leaf];
                if (text != null && !text.equals(bean.texts[leaf])) {
                    bean.texts[leaf] = text;
                    texts.add(new Text(bean, leaf, text));
                }
            }
        }

        @Override
        public void failed(Bean bean, Failure failure, Throwable error) {
            note(bean, failure);
            failed.put(bean, failure);
        }
    }

    private void note(Bean bean, Failure failure) {
        if (failure == Failure.LATE) {
            late.add(bean);
        }
    }

    /**
     * Lets the MBeans rest whose answers were late since the last time; none of them if the target itself
     * does not answer within *millis*. Returns how many.
     */
    public int blame(long millis) {
        List<Bean> blamed = List.copyOf(late);
        late.clear();
        if (blamed.isEmpty() || blamed.size() > MOST_BLAMED) {
            return 0;
        }
        try {
            wire.attribute(MBeanServerDelegate.DELEGATE_NAME, "MBeanServerId", Deadline.in(millis));
        } catch (IOException e) {
            return 0;
        }
        blamed.forEach(Bean::lapse);
        return blamed.size();
    }

    private List<Bean> beans(int[] ids) {
        List<Bean> beans = new ArrayList<>(ids.length);
        for (int id : ids) {
            beans.add(byId.get(id));
        }
        return beans;
    }

    /** Names known by now, for tests and the curious. */
    Collection<Bean> known() {
        return known.values();
    }
}

package jmxbridge;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Externalizable;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * Reads damaged and hostile streams: `FuzzReader SECONDS INPUTS SEED`, whichever ends first.
 *
 * <p>The reader may refuse an input with an IOException, and nothing else may happen: no other exception, no
 * input that takes long, no memory beyond a small heap. Undamaged streams are compared with what the JDK's
 * own ObjectInputStream makes of them.
 */
public final class FuzzReader {
    private static final long SLOWEST_MILLIS = 5000;
    private static final int KEPT = 1 << 12;

    private final Random random;
    private final List<byte[]> corpus = new ArrayList<>();
    private final StringCache strings = new StringCache();
    private long refused;

    private FuzzReader(long seed) {
        random = new Random(seed);
    }

    public static void main(String[] args) throws Exception {
        FuzzReader fuzz = new FuzzReader(Long.parseLong(args[2]));
        int compared = fuzz.learn();
        int bombs = fuzz.bombs();
        long inputs = fuzz.run(Long.parseLong(args[0]), Long.parseLong(args[1]));
        System.out.printf(
                "ok: %d streams compared, %d bombs refused, %d inputs, %d of them refused%n",
                compared, bombs, inputs, fuzz.refused);
    }

    // -- streams as a target sends them --------------------------------------------------------------

    private enum Color { RED, GREEN { @Override public String toString() { return "verdant"; } } }

    private record Point(int x, String y) implements Serializable {}

    private static final class Tree implements Serializable {
        private static final long serialVersionUID = 1L;
        Object left;
        Object right;
        transient int lost = 7;

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeLong(42);
            out.writeObject("by hand");
            out.write(new byte[2000]);
        }
    }

    public static final class ByHand implements Externalizable {
        public ByHand() {}

        @Override
        public void writeExternal(ObjectOutput out) throws IOException {
            out.writeUTF("outside");
            out.writeObject(List.of(1, 2, 3));
        }

        @Override
        public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
            in.readUTF();
            in.readObject();
        }
    }

    private interface Marker {}

    private static final class Refusing implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) throws IOException {
            throw new NotSerializableException("never");
        }
    }

    /** As RMI writes it: no class says where it can be loaded from. */
    private static final class Marshal extends ObjectOutputStream {
        Marshal(OutputStream out) throws IOException {
            super(out);
            useProtocolVersion(PROTOCOL_VERSION_2);
        }

        @Override
        protected void annotateClass(Class<?> type) throws IOException {
            writeObject(null);
        }

        @Override
        protected void annotateProxyClass(Class<?> type) throws IOException {
            writeObject(null);
        }
    }

    private static final class Unmarshal extends ObjectInputStream {
        Unmarshal(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        protected Class<?> resolveClass(java.io.ObjectStreamClass type) throws IOException, ClassNotFoundException {
            readObject();
            return super.resolveClass(type);
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws IOException, ClassNotFoundException {
            readObject();
            return super.resolveProxyClass(interfaces);
        }
    }

    private static byte[] stream(Object... values) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Marshal out = new Marshal(bytes)) {
            out.writeByte(1);
            out.write(new byte[14]);
            for (Object value : values) {
                out.writeObject(value);
            }
        } catch (NotSerializableException e) {
            // the stream says so itself
        }
        return bytes.toByteArray();
    }

    private static AttributeList list(Object... values) {
        AttributeList list = new AttributeList();
        for (int i = 0; i < values.length; i++) {
            list.add(new Attribute("A" + i, values[i]));
        }
        return list;
    }

    private static CompositeDataSupport composite(Object inner) throws Exception {
        String[] keys = {"count", "inner", "ü"};
        OpenType<?> type = inner instanceof CompositeDataSupport data ? data.getCompositeType() : SimpleType.STRING;
        CompositeType row =
                new CompositeType("row", "a row", keys, keys, new OpenType<?>[] {SimpleType.LONG, type, SimpleType.DOUBLE});
        return new CompositeDataSupport(row, keys, new Object[] {5L, inner, 2.5});
    }

    private static TabularDataSupport table(int rows) throws Exception {
        String[] keys = {"key", "value", "more"};
        CompositeType row = new CompositeType("row", "a row", keys, keys,
                new OpenType<?>[] {SimpleType.STRING, SimpleType.LONG, SimpleType.BOOLEAN});
        TabularDataSupport table = new TabularDataSupport(new TabularType("table", "t", row, new String[] {"key"}));
        for (int i = 0; i < rows; i++) {
            table.put(new CompositeDataSupport(row, keys, new Object[] {"k" + i, (long) i, i % 2 == 0}));
        }
        return table;
    }

    /** Fills the corpus; returns how many lists of attributes were read as the JDK reads them. */
    private int learn() throws Exception {
        Tree knot = new Tree();
        knot.left = knot;
        knot.right = new Object[] {knot, "x", new int[] {1, 2}, new byte[] {1}, new char[] {'c'}, new boolean[1]};
        Object proxy = Proxy.newProxyInstance(
                FuzzReader.class.getClassLoader(), new Class<?>[] {Runnable.class}, new Handler());
        LongAdder adder = new LongAdder();
        adder.add(12);
        List<AttributeList> lists = new ArrayList<>(List.of(
                list(1, 2L, 3.5, 4.5f, (short) 5, (byte) 6, true, 'c', "text", null),
                list("\0 ü \uD83D\uDE00 \uD800", "x".repeat(70_000), "y".repeat(40_000), ""),
                list(new Date(1234567), new BigInteger("-123456789012345678901234567890"), new BigDecimal("1.5e-7"),
                        new AtomicLong(9), adder),
                list(composite("text"), composite(composite("deep")), table(0), table(30)),
                list(Color.RED, Color.GREEN, new Point(1, "y"), knot, new ByHand(), proxy, int[].class, Marker.class),
                list(new ObjectName("d:type=x,name=\"a,b\""), new ObjectName[] {new ObjectName("d:k=v")},
                        Collections.unmodifiableList(Arrays.asList("a", "b")), List.of("x", "y", "z"),
                        new HashMap<>(java.util.Map.of("k", 1)), Set.of(1), new IllegalStateException("cause"))));
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(null, null)) {
            List<String> readable = new ArrayList<>();
            for (var attribute : server.getMBeanInfo(name).getAttributes()) {
                readable.add(attribute.getName());
            }
            lists.add(server.getAttributes(name, readable.toArray(new String[0])));
            corpus.add(stream(server.getMBeanInfo(name)));
        }
        for (AttributeList each : lists) {
            byte[] bytes = stream(each);
            compare(each, bytes);
            corpus.add(bytes);
        }
        corpus.add(stream(server.queryNames(null, null)));
        corpus.add(stream(new InstanceNotFoundException("d:k=v")));
        corpus.add(stream(list(1, new Refusing(), 2)));
        corpus.add(stream("a", new Object[] {"a", "a"}, 5));
        if (corpus.size() < 40) {
            throw new AssertionError("a corpus of only " + corpus.size());
        }
        return lists.size();
    }

    private static final class Handler implements java.lang.reflect.InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] args) {
            return null;
        }
    }

    private void compare(AttributeList sent, byte[] bytes) throws Exception {
        String[] names = new String[sent.size()];
        Object[] theirs = new Object[names.length];
        AttributeList made;
        try (Unmarshal in = new Unmarshal(bytes)) {
            in.readFully(new byte[15]);
            made = (AttributeList) in.readObject();
        }
        for (int i = 0; i < names.length; i++) {
            names[i] = ((Attribute) sent.get(i)).getName();
            theirs[i] = ((Attribute) made.get(i)).getValue();
        }
        Object[] ours = align(names, WireValues.elements(read(bytes)));
        Request.Texts[] texts = new Request.Texts[names.length];
        Arrays.fill(texts, Request.Texts.ALL);
        Request request = new Request(names, texts);
        Flattener.Flat expected = new Flattener(request, null).flatten(theirs);
        Flattener.Flat found = new Flattener(request, null).flatten(ours);
        if (!same(expected, found)) {
            throw new AssertionError("read differently from ObjectInputStream: " + sent);
        }
    }

    private static boolean same(Flattener.Flat expected, Flattener.Flat found) {
        if (expected.size() != found.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            Leaf theirs = expected.changed()[i];
            Leaf ours = found.changed()[i];
            boolean number = Double.compare(expected.numbers()[i], found.numbers()[i]) == 0;
            // An enum's name is on the wire, its toString is not.
            boolean text = text(expected, i).replace("verdant", "GREEN").equals(text(found, i));
            if (!theirs.same(ours) || !number || !text) {
                System.err.println(theirs + " " + expected.numbers()[i] + " != " + ours + " " + found.numbers()[i]);
                return false;
            }
        }
        return true;
    }

    private static Object[] align(String[] names, List<Object> elements) {
        Object[] values = new Object[names.length];
        Arrays.fill(values, Flattener.ABSENT);
        return Alignment.align(names, values, elements, WireValues.ATTRIBUTES);
    }

    private static String text(Flattener.Flat flat, int i) {
        return String.valueOf(flat.texts() == null || i >= flat.texts().length ? null : flat.texts()[i]);
    }

    // -- reading -----------------------------------------------------------------------------------

    private Object read(byte[] bytes) throws IOException {
        WireInput in = new WireInput(new ByteArrayInputStream(bytes), strings, new LargeAnswers());
        in.allow(32L << 20, Deadline.in(TimeUnit.DAYS.toMillis(1)));
        WireReader reader = new WireReader(in);
        reader.begin();
        if (reader.block() < 1) {
            throw new WireException("no block");
        }
        in.skip(15);
        return reader.object();
    }

    /** Reads as the session does, and takes the answer as each of its questions would. */
    private void take(byte[] bytes) throws IOException {
        Object answer = read(bytes);
        WireReader.thrown(answer);
        WireValues.maybeNames(answer);
        List<Object> elements = WireValues.elements(answer);
        String[] names = new String[Math.min(elements.size(), 20)];
        Arrays.setAll(names, i -> "A" + i);
        Request.Texts[] texts = new Request.Texts[names.length];
        Arrays.fill(texts, Request.Texts.ALL);
        try {
            new Flattener(new Request(names, texts), null).flatten(align(names, elements));
            WireInfo.of(answer);
        } catch (javax.management.JMException | IllegalStateException | IllegalArgumentException e) {
            // what a bean's failure is made of
        }
    }

    private long run(long seconds, long inputs) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long done = 0;
        while (done < inputs && System.nanoTime() < end) {
            byte[] input = damaged(corpus.get(random.nextInt(corpus.size())));
            feed(input, false);
            done++;
        }
        return done;
    }

    private void feed(byte[] input, boolean refuse) {
        long begin = System.nanoTime();
        boolean accepted = false;
        try {
            take(input);
            accepted = true;
        } catch (IOException e) {
            refused++;
        } catch (Throwable e) {
            throw new AssertionError("with " + shown(input) + ": " + e + " at " + e.getStackTrace()[0], null);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        if (millis > SLOWEST_MILLIS) {
            throw new AssertionError(millis + " ms with " + shown(input));
        }
        if (refuse && accepted) {
            throw new AssertionError("accepted");
        }
    }

    private static String shown(byte[] input) {
        String hex = java.util.HexFormat.of().formatHex(input, 0, Math.min(input.length, KEPT));
        return input.length + " bytes " + hex;
    }

    // -- damage ------------------------------------------------------------------------------------

    private static final int HEAD = 4 + 2 + 15;
    private static final int[] LENGTHS = {0, 1, -1, 0x7fffffff, 0x80000000, 0xffff, 0x7e0000, 0x7e0001, 0x7e0005, 255};

    private byte[] damaged(byte[] whole) {
        byte[] bytes = whole.clone();
        int times = 1 + random.nextInt(4);
        for (int i = 0; i < times && bytes.length > HEAD + 8; i++) {
            int at = HEAD + random.nextInt(bytes.length - HEAD - 4);
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] = (byte) (0x70 + random.nextInt(16));
                case 3 -> put(bytes, at, LENGTHS[random.nextInt(LENGTHS.length)]);
                case 4 -> bytes = Arrays.copyOf(bytes, at);
                case 5 -> bytes = splice(bytes, at, at, corpus.get(random.nextInt(corpus.size())));
                case 6 -> bytes = splice(bytes, at, Math.min(bytes.length, at + random.nextInt(64)), bytes);
                default -> put(bytes, at, 0x7e0000 + random.nextInt(64));
            }
        }
        return bytes;
    }

    private static void put(byte[] bytes, int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >> 8 * (3 - i));
        }
    }

    private byte[] splice(byte[] bytes, int from, int to, byte[] other) {
        int start = random.nextInt(other.length);
        int end = Math.min(other.length, start + random.nextInt(512));
        byte[] spliced = new byte[from + (end - start) + bytes.length - to];
        System.arraycopy(bytes, 0, spliced, 0, from);
        System.arraycopy(other, start, spliced, from, end - start);
        System.arraycopy(bytes, to, spliced, from + end - start, bytes.length - to);
        return spliced;
    }

    // -- streams made to hurt --------------------------------------------------------------------------

    /** Writes the grammar by hand. */
    private static final class Bomb {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bomb() {
            raw(0xac, 0xed, 0, 5, 0x77, 15, 1);
            out.writeBytes(new byte[14]);
        }

        Bomb raw(int... bytes) {
            for (int each : bytes) {
                out.write(each);
            }
            return this;
        }

        Bomb i4(int value) {
            return raw(value >> 24, value >> 16, value >> 8, value);
        }

        Bomb utf(String text) {
            raw(text.length() >> 8, text.length());
            out.writeBytes(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            return this;
        }

        Bomb ref(int handle) {
            return raw(0x71).i4(0x7e0000 + handle);
        }

        /** A class without fields; *parent* is a handle, −1 for none. */
        Bomb type(String name, int flags, int parent) {
            raw(0x72).utf(name).i4(0).i4(0).raw(flags, 0, 0, 0x78);
            return parent < 0 ? raw(0x70) : ref(parent);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }

    private int bombs() {
        List<byte[]> all = new ArrayList<>();
        for (int length : new int[] {0x7fffffff, -1, 0x7ffffff0}) {
            all.add(new Bomb().raw(0x75).type("[B", 2, -1).i4(length).bytes());
            all.add(new Bomb().raw(0x75).type("[J", 2, -1).i4(length).bytes());
            all.add(new Bomb().raw(0x75).type("[Ljava.lang.Object;", 2, -1).i4(length).bytes());
            all.add(new Bomb().raw(0x7c).i4(0).i4(length).bytes());
            all.add(new Bomb().raw(0x7c).i4(length).i4(length).bytes());
            all.add(new Bomb().raw(0x7a).i4(length).bytes());
            all.add(new Bomb().raw(0x7d).i4(length).bytes());
        }
        all.add(nestedArrays());
        all.add(nestedClasses());
        all.add(lineOfParents());
        all.add(nulls());
        all.add(manyObjects());
        all.add(new Bomb().ref(0).bytes());
        all.add(new Bomb().raw(0x72).utf("self").i4(0).i4(0).raw(2, 0, 0, 0x78).ref(0).bytes());
        all.add(filled(100_000, 0x7b));
        all.add(filled(100_000, 0x7e, 0x70));
        all.add(filled(100_000, 0x76, 0x72));
        all.add(filled(100_000, 0x73, 0x72));
        all.forEach(bomb -> feed(bomb, true));
        feed(laughs(), false);
        feed(doublingComposites(), false);
        return all.size() + 2;
    }

    private static byte[] nestedArrays() {
        Bomb bomb = new Bomb().raw(0x75).type("[Ljava.lang.Object;", 2, -1).i4(1);
        for (int i = 0; i < 100_000; i++) {
            bomb.raw(0x75).ref(0).i4(1);
        }
        return bomb.raw(0x70).bytes();
    }

    private static byte[] nestedClasses() {
        Bomb bomb = new Bomb().raw(0x73);
        for (int i = 0; i < 100_000; i++) {
            bomb.raw(0x72).utf("c").i4(0).i4(0).raw(2, 0, 0, 0x78);
        }
        return bomb.raw(0x70).bytes();
    }

    /** Each class one level down only, but with all the others above it. */
    private static byte[] lineOfParents() {
        Bomb bomb = new Bomb().raw(0x75).type("[Ljava.lang.Object;", 2, -1).i4(100_000);
        bomb.type("c", 2, -1);
        for (int i = 1; i < 100_000; i++) {
            bomb.type("c", 2, i + 1);
        }
        return bomb.bytes();
    }

    private static byte[] nulls() {
        Bomb bomb = new Bomb().raw(0x73).type("java.util.ArrayList", 3, -1);
        for (int i = 0; i < 4 << 20; i++) {
            bomb.raw(0x70);
        }
        return bomb.raw(0x78).bytes();
    }

    private static byte[] manyObjects() {
        Bomb bomb = new Bomb().raw(0x73).type("java.util.ArrayList", 3, -1);
        bomb.raw(0x73).type("x", 2, -1);
        for (int i = 0; i < 300_000; i++) {
            bomb.raw(0x73).ref(2);
        }
        return bomb.raw(0x78).bytes();
    }

    /** The same tags again and again. */
    private static byte[] filled(int times, int... tags) {
        Bomb bomb = new Bomb();
        for (int i = 0; i < times; i++) {
            bomb.raw(tags);
        }
        return bomb.bytes();
    }

    /** Forty arrays, each with the one before it twice. */
    private static byte[] laughs() {
        Bomb bomb = new Bomb().raw(0x73).type("java.util.ArrayList", 3, -1);
        bomb.raw(0x75).type("[Ljava.lang.Object;", 2, -1).i4(1).raw(0x70);
        for (int i = 0; i < 40; i++) {
            bomb.raw(0x75).ref(2).i4(2).ref(3 + i).ref(3 + i);
        }
        return bomb.raw(0x78).bytes();
    }

    /** The same with composites, which are walked. */
    private static byte[] doublingComposites() {
        try {
            String[] keys = {"a", "b"};
            CompositeDataSupport inner = composite("x");
            for (int i = 0; i < 18; i++) {
                OpenType<?> type = inner.getCompositeType();
                CompositeType outer = new CompositeType("t", "t", keys, keys, new OpenType<?>[] {type, type});
                inner = new CompositeDataSupport(outer, keys, new Object[] {inner, inner});
            }
            return stream(list(inner));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

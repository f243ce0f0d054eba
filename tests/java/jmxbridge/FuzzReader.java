package jmxbridge;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

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
        int bombs = fuzz.hurt();
        long inputs = fuzz.run(Long.parseLong(args[0]), Long.parseLong(args[1]));
        System.out.printf(
                "ok: %d streams compared, %d bombs refused, %d inputs, %d of them refused%n",
                compared, bombs, inputs, fuzz.refused);
    }

    // -- what the JDK reads, too ---------------------------------------------------------------------

    /** Fills the corpus; returns how many lists of attributes were read as the JDK reads them. */
    private int learn() throws Exception {
        List<AttributeList> lists = new ArrayList<>(SentStreams.lists());
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(null, null)) {
            List<String> readable = new ArrayList<>();
            for (var attribute : server.getMBeanInfo(name).getAttributes()) {
                readable.add(attribute.getName());
            }
            lists.add(server.getAttributes(name, readable.toArray(new String[0])));
            corpus.add(SentStreams.stream(server.getMBeanInfo(name)));
        }
        for (AttributeList each : lists) {
            byte[] bytes = SentStreams.stream(each);
            compare(each, bytes);
            corpus.add(bytes);
        }
        corpus.add(SentStreams.stream(server.queryNames(null, null)));
        corpus.add(SentStreams.stream(new InstanceNotFoundException("d:k=v")));
        corpus.add(SentStreams.stream(SentStreams.list(1, new SentStreams.Refusing(), 2)));
        corpus.add(SentStreams.stream("a", new Object[] {"a", "a"}, 5));
        if (corpus.size() < 40) {
            throw new AssertionError("a corpus of only " + corpus.size());
        }
        return lists.size();
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

    /** Reads what is made to hurt; returns how many streams that is. */
    private int hurt() {
        List<byte[]> refused = Bombs.refused();
        List<byte[]> entangled = Bombs.entangled();
        refused.forEach(bomb -> feed(bomb, true));
        entangled.forEach(bomb -> feed(bomb, false));
        return refused.size() + entangled.size();
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
}

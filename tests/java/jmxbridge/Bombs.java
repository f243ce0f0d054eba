package jmxbridge;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;

/** Streams made to hurt whoever reads them, written by hand. */
final class Bombs {
    private Bombs() {}

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

    /** What has to be refused. */
    static List<byte[]> refused() {
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
        return all;
    }

    /** What may be read, if that takes no longer than anything else. */
    static List<byte[]> entangled() {
        return List.of(laughs(), doublingComposites());
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
            CompositeDataSupport inner = SentStreams.composite("x");
            for (int i = 0; i < 18; i++) {
                OpenType<?> type = inner.getCompositeType();
                CompositeType outer = new CompositeType("t", "t", keys, keys, new OpenType<?>[] {type, type});
                inner = new CompositeDataSupport(outer, keys, new Object[] {inner, inner});
            }
            return SentStreams.stream(SentStreams.list(inner));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

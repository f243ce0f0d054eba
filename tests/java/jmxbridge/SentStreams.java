package jmxbridge;

import java.io.ByteArrayOutputStream;
import java.io.Externalizable;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/** Streams as a target's RMI sends them: values of every kind, marshalled by the JDK. */
final class SentStreams {
    private SentStreams() {}

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

    /** Fails while it is written, which the stream tells whoever reads it. */
    static final class Refusing implements Serializable {
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

    private static final class Handler implements java.lang.reflect.InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] args) {
            return null;
        }
    }

    static byte[] stream(Object... values) throws IOException {
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

    static AttributeList list(Object... values) {
        AttributeList list = new AttributeList();
        for (int i = 0; i < values.length; i++) {
            list.add(new Attribute("A" + i, values[i]));
        }
        return list;
    }

    static CompositeDataSupport composite(Object inner) throws Exception {
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

    /** Lists of attributes with values of every kind. */
    static List<AttributeList> lists() throws Exception {
        Tree knot = new Tree();
        knot.left = knot;
        knot.right = new Object[] {knot, "x", new int[] {1, 2}, new byte[] {1}, new char[] {'c'}, new boolean[1]};
        Object proxy = Proxy.newProxyInstance(
                SentStreams.class.getClassLoader(), new Class<?>[] {Runnable.class}, new Handler());
        LongAdder adder = new LongAdder();
        adder.add(12);
        return List.of(
                list(1, 2L, 3.5, 4.5f, (short) 5, (byte) 6, true, 'c', "text", null),
                list("\0 ü \uD83D\uDE00 \uD800", "x".repeat(70_000), "y".repeat(40_000), ""),
                list(new Date(1234567), new BigInteger("-123456789012345678901234567890"), new BigDecimal("1.5e-7"),
                        new AtomicLong(9), adder),
                list(composite("text"), composite(composite("deep")), table(0), table(30)),
                list(Color.RED, Color.GREEN, new Point(1, "y"), knot, new ByHand(), proxy, int[].class, Marker.class),
                list(new ObjectName("d:type=x,name=\"a,b\""), new ObjectName[] {new ObjectName("d:k=v")},
                        Collections.unmodifiableList(Arrays.asList("a", "b")), List.of("x", "y", "z"),
                        new HashMap<>(java.util.Map.of("k", 1)), Set.of(1), new IllegalStateException("cause")));
    }
}

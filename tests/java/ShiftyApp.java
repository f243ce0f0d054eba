import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * An application whose attributes are of another kind each time that it is told to shift; and a direct JMX
 * client, which says what they are.
 */
public final class ShiftyApp {
    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();
    private static final Map<String, Bean> BEANS = new TreeMap<>();

    enum Own { ONE, TWO { @Override public String toString() { return "two"; } } }

    static final class OwnNumber extends Number {
        @Override public int intValue() { return 7; }
        @Override public long longValue() { return 7; }
        @Override public float floatValue() { return 7; }
        @Override public double doubleValue() { return 7; }
    }

    static final class FailsInWriting implements Serializable {
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeInt(1);
            throw new IllegalStateException("in writing");
        }
    }

    static final class FailsLate implements Serializable {
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.write(new byte[20000]);
            throw new StackOverflowError("in writing");
        }
    }

    private record Throws(Throwable what) {}

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable e) throws T {
        throw (T) e;
    }

    private static final class Bean implements DynamicMBean {
        volatile Object value = 1L;
        volatile Object other = 2L;
        volatile String type = "java.lang.Object";
        volatile String list = "";

        private Object get(String name) {
            Object now = name.equals("V") ? value : name.equals("Other") ? other : null;
            if (now instanceof Throws t) {
                ShiftyApp.<RuntimeException>sneak(t.what());
            }
            return now;
        }

        @Override public Object getAttribute(String name) { return get(name); }

        @Override public AttributeList getAttributes(String[] names) {
            if (list.equals("null")) {
                return null;
            }
            AttributeList all = new AttributeList();
            for (String name : names) {
                try {
                    Attribute one = new Attribute(name, get(name));
                    if (list.equals("twice")) {
                        all.add(one);
                    }
                    if (list.equals("reversed")) {
                        all.add(0, one);
                    } else {
                        all.add(one);
                    }
                } catch (Exception e) {
                    // left out
                }
            }
            if (list.equals("more")) {
                all.add(0, new Attribute("Unasked", 5L));
                ((ArrayList<Object>) all).add(null);
            }
            if (list.equals("throws")) {
                throw new IllegalStateException("never together");
            }
            return all;
        }

        @Override public void setAttribute(Attribute attribute) {}
        @Override public AttributeList setAttributes(AttributeList attributes) { return new AttributeList(); }
        @Override public Object invoke(String action, Object[] params, String[] signature) { return null; }

        @Override public MBeanInfo getMBeanInfo() {
            List<MBeanAttributeInfo> infos = new ArrayList<>();
            infos.add(new MBeanAttributeInfo("V", type, null, true, false, false));
            infos.add(new MBeanAttributeInfo("Other", "java.lang.Object", null, true, false, false));
            if (list.equals("doubled")) {
                infos.add(new MBeanAttributeInfo("V", "long", "again", true, false, false));
            }
            return new MBeanInfo("Bean", null, infos.toArray(new MBeanAttributeInfo[0]), null, null, null);
        }
    }

    private static CompositeData composite(Object a, Object b) throws Exception {
        String[] keys = {"a", "b"};
        CompositeType type = new CompositeType("c", "c", keys, keys, new OpenType<?>[] {open(a), open(b)});
        return new CompositeDataSupport(type, keys, new Object[] {a, b});
    }

    private static OpenType<?> open(Object value) {
        if (value instanceof CompositeData data) { return data.getCompositeType(); }
        if (value instanceof TabularDataSupport data) { return data.getTabularType(); }
        if (value instanceof String) { return SimpleType.STRING; }
        if (value instanceof Boolean) { return SimpleType.BOOLEAN; }
        if (value instanceof Date) { return SimpleType.DATE; }
        if (value instanceof BigInteger) { return SimpleType.BIGINTEGER; }
        return SimpleType.LONG;
    }

    private static TabularDataSupport table(int rows) throws Exception {
        String[] keys = {"k", "v", "w"};
        CompositeType row = new CompositeType("r", "r", keys, keys,
                new OpenType<?>[] {SimpleType.STRING, SimpleType.LONG, SimpleType.BOOLEAN});
        TabularDataSupport table = new TabularDataSupport(new TabularType("t", "t", row, new String[] {"k"}));
        for (int i = 0; i < rows; i++) {
            table.put(new CompositeDataSupport(row, keys, new Object[] {"k" + i, i == 1 ? null : (Long) (long) i, true}));
        }
        return table;
    }

    private static final int KINDS = 46;

    private static Object value(int kind, Random random) throws Exception {
        return switch (kind) {
            case 0, 1, 2 -> random.nextLong();
            case 3 -> random.nextDouble();
            case 4 -> Double.NaN;
            case 5 -> Float.NEGATIVE_INFINITY;
            case 6 -> random.nextBoolean();
            case 7 -> null;
            case 8 -> "text";
            case 9 -> new Date(random.nextInt(1_000_000) * 1000L + 123);
            case 10 -> new java.sql.Timestamp(1_600_000_000_123L);
            case 11 -> new AtomicLong(random.nextInt());
            case 12 -> new AtomicInteger(random.nextInt());
            case 13 -> { LongAdder adder = new LongAdder(); adder.add(random.nextInt()); yield adder; }
            case 14 -> { DoubleAdder adder = new DoubleAdder(); adder.add(random.nextInt()); yield adder; }
            case 15 -> BigInteger.valueOf(-random.nextInt(1000)).pow(40);
            case 16 -> new BigDecimal("123456789.125");
            case 17 -> new BigDecimal(BigInteger.TEN, -400);
            case 18 -> 'c';
            case 19 -> Own.ONE;
            case 20 -> TimeUnit.SECONDS;
            case 21 -> Own.TWO;
            case 22 -> new byte[] {1};
            case 23 -> new long[] {1, 2};
            case 24 -> new String[] {"a", null};
            case 25 -> composite(random.nextLong(), 2L);
            case 26 -> composite(composite(1L, true), "s");
            case 27 -> table(random.nextInt(4));
            case 28 -> composite(table(2), null);
            case 29 -> new Throws(new IllegalStateException("runtime"));
            case 30 -> new Throws(new MBeanException(new Exception("checked")));
            case 31 -> new Throws(new Exception("sneaky"));
            case 32 -> new Throws(new StackOverflowError("deep"));
            case 33 -> new Throws(new ThreadDeath());
            case 34 -> new Throws(new Throwable("a throwable"));
            case 35 -> new Object();
            case 36 -> new OwnNumber();
            case 37 -> new HashMap<>(Map.of("a", 1L));
            case 38 -> new ArrayList<>(List.of(1L));
            case 39 -> new ObjectName("a:b=c");
            case 40 -> new FailsInWriting();
            case 41 -> new FailsLate();
            case 42 -> (short) random.nextInt();
            case 43 -> new BigInteger("9".repeat(20000));
            case 44 -> composite(new BigInteger("5"), new Date(5));
            case 45 -> new Throws(new Error(new NoClassDefFoundError()));
            default -> throw new IllegalArgumentException();
        };
    }

    /** What jmx_exporter makes of a value, by default names. */
    private static void walk(String name, String labels, Object value, Map<String, Double> into) {
        if (value instanceof Number number) {
            into.put(name + labels, number.doubleValue());
        } else if (value instanceof Boolean flag) {
            into.put(name + labels, flag ? 1.0 : 0.0);
        } else if (value instanceof Date date) {
            into.put(name + labels, date.getTime() / 1000.0);
        } else if (value instanceof CompositeData data) {
            for (String key : data.getCompositeType().keySet()) {
                walk(name + "_" + key, labels, data.get(key), into);
            }
        } else if (value instanceof TabularDataSupport table) {
            for (Object row : table.values()) {
                CompositeData cells = (CompositeData) row;
                String inner = "{k=" + cells.get("k") + "}";
                walk(name + "_v", inner, cells.get("v"), into);
                walk(name + "_w", inner, cells.get("w"), into);
            }
        }
    }

    private static String expected() throws Exception {
        String port = System.getProperty("com.sun.management.jmxremote.port");
        JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi");
        Map<String, Double> all = new TreeMap<>();
        try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
            MBeanServerConnection server = connector.getMBeanServerConnection();
            for (String name : BEANS.keySet()) {
                for (String attribute : new String[] {"V", "Other"}) {
                    try {
                        Object value = server.getAttribute(new ObjectName(name), attribute);
                        if (!(value instanceof OwnNumber)) {
                            walk("t_" + name.substring(7) + "_" + attribute, "", value, all);
                        }
                    } catch (Throwable e) {
                        // no value
                    }
                }
            }
        }
        StringBuilder line = new StringBuilder();
        all.forEach((series, number) -> line.append(series).append('\t').append(number).append('\t'));
        return line.toString();
    }

    private static String obey(String line) throws Exception {
        String[] words = line.split("\t", -1);
        switch (words[0]) {
            case "shift" -> {
                Random random = new Random(Long.parseLong(words[1]));
                for (Bean bean : BEANS.values()) {
                    bean.value = value(random.nextInt(KINDS), random);
                    bean.other = value(random.nextInt(KINDS), random);
                }
            }
            case "kind" -> BEANS.get(words[1]).value = value(Integer.parseInt(words[2]), new Random(1));
            case "list" -> BEANS.get(words[1]).list = words[2];
            case "type" -> BEANS.get(words[1]).type = words[2];
            case "expect" -> {
                return expected();
            }
            case "many" -> {
                for (int i = 0; i < Integer.parseInt(words[1]); i++) {
                    String name = "t:type=B" + i;
                    Bean bean = new Bean();
                    BEANS.put(name, bean);
                    SERVER.registerMBean(bean, new ObjectName(name));
                }
            }
            default -> throw new IllegalArgumentException(line);
        }
        return "done";
    }

    public static void main(String[] args) throws Exception {
        System.out.println("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                System.out.println(obey(line));
            } catch (Exception e) {
                System.out.println("failed " + e);
            }
        }
        System.exit(0);
    }
}

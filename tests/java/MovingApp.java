import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * An application whose MBeans change on command, one command a line on standard input, each answered by a
 * line. It counts what is asked of it.
 */
public final class MovingApp {
    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();
    private static final Map<String, Bean> BEANS = new ConcurrentHashMap<>();
    private static final List<byte[]> HELD = new ArrayList<>();
    private static final AtomicInteger ASLEEP = new AtomicInteger();
    private static byte[] reserve;

    /** Attributes by name; a value may be a Supplier-like Action. */
    private static final class Bean implements DynamicMBean {
        final Map<String, Object> values = new LinkedHashMap<>();
        final Map<String, String> types = new LinkedHashMap<>();
        final Map<String, AtomicInteger> reads = new ConcurrentHashMap<>();
        final AtomicInteger described = new AtomicInteger();
        final AtomicInteger touched = new AtomicInteger();
        volatile long sleep;

        @Override
        public Object getAttribute(String name) throws AttributeNotFoundException {
            pause();
            return value(name);
        }

        private synchronized Object value(String name) throws AttributeNotFoundException {
            reads.computeIfAbsent(name, key -> new AtomicInteger()).incrementAndGet();
            if (!values.containsKey(name)) {
                throw new AttributeNotFoundException(name);
            }
            Object value = values.get(name);
            if (value instanceof RuntimeException e) {
                throw e;
            }
            if (value instanceof Error e) {
                throw e;
            }
            return value;
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            pause();
            AttributeList list = new AttributeList();
            for (String name : names) {
                try {
                    list.add(new Attribute(name, value(name)));
                } catch (AttributeNotFoundException | RuntimeException e) {
                    // left out, as the contract says
                }
            }
            return list;
        }

        private void pause() {
            if (sleep == 0) {
                return;
            }
            ASLEEP.incrementAndGet();
            try {
                Thread.sleep(sleep);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ASLEEP.decrementAndGet();
            }
        }

        @Override
        public void setAttribute(Attribute attribute) {
            touched.incrementAndGet();
        }

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            touched.incrementAndGet();
            return new AttributeList();
        }

        @Override
        public Object invoke(String action, Object[] params, String[] signature) {
            touched.incrementAndGet();
            return null;
        }

        @Override
        public synchronized MBeanInfo getMBeanInfo() {
            described.incrementAndGet();
            List<MBeanAttributeInfo> infos = new ArrayList<>();
            types.forEach((name, type) -> infos.add(new MBeanAttributeInfo(name, type, name, true, false, false)));
            return new MBeanInfo("Bean", "moving", infos.toArray(new MBeanAttributeInfo[0]), null, null, null);
        }
    }

    private static Object value(String type, String text) throws Exception {
        return switch (type) {
            case "long" -> Long.valueOf(text);
            case "double" -> Double.valueOf(text);
            case "boolean" -> Boolean.valueOf(text);
            case "null" -> null;
            case "throw" -> new IllegalStateException(text);
            case "stack-overflow" -> new StackOverflowError(text);
            case "out-of-memory" -> new OutOfMemoryError(text);
            case "no-class" -> new NoClassDefFoundError(text);
            case "table" -> table(text);
            case "opaque" -> new Object();
            case "duration" -> java.time.Duration.ofSeconds(Long.parseLong(text));
            case "uuid" -> new java.util.UUID(0, Long.parseLong(text));
            case "kilobytes" -> "x".repeat(Integer.parseInt(text) << 10);
            case "megabytes" -> "x".repeat(Integer.parseInt(text) << 20);
            case "bytes" -> new byte[Integer.parseInt(text)];
            case "strings" -> strings(Integer.parseInt(text));
            default -> text;
        };
    }

    private static String declared(String type) {
        return switch (type) {
            case "long", "double", "boolean" -> type;
            case "null", "throw", "stack-overflow", "out-of-memory", "no-class" -> "java.lang.Long";
            case "table" -> TabularDataSupport.class.getName();
            case "opaque", "duration", "uuid", "bytes", "strings" -> "java.lang.Object";
            default -> "java.lang.String";
        };
    }

    private static String[] strings(int count) {
        String[] strings = new String[count];
        for (int i = 0; i < count; i++) {
            strings[i] = "the string with the number " + i;
        }
        return strings;
    }

    /** Text "k1=1,k2=2" as a table with key and value. */
    private static TabularDataSupport table(String text) throws Exception {
        String[] columns = {"key", "value"};
        CompositeType row = new CompositeType(
                "row", "a row", columns, columns, new OpenType<?>[] {SimpleType.STRING, SimpleType.LONG});
        TabularDataSupport table = new TabularDataSupport(new TabularType("table", "t", row, new String[] {"key"}));
        for (String pair : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] parts = pair.split("=");
            table.put(new CompositeDataSupport(row, columns, new Object[] {parts[0], Long.valueOf(parts[1])}));
        }
        return table;
    }

    private static String obey(String line) throws Exception {
        String[] words = line.split("\t", -1);
        ObjectName name = words.length > 1 ? new ObjectName(words[1]) : null;
        switch (words[0]) {
            case "put" -> put(name, words);
            case "drop" -> {
                SERVER.unregisterMBean(name);
                BEANS.remove(words[1]);
            }
            case "again" -> {
                SERVER.unregisterMBean(name);
                SERVER.registerMBean(BEANS.get(words[1]), name);
            }
            case "sleep" -> BEANS.get(words[1]).sleep = Long.parseLong(words[2]);
            case "asleep" -> {
                // Readings that a slow MBean holds up at this moment.
                return ASLEEP.toString();
            }
            case "reads" -> {
                return new TreeMap<>(BEANS.get(words[1]).reads).toString();
            }
            case "touched" -> {
                return String.valueOf(BEANS.values().stream().mapToInt(bean -> bean.touched.get()).sum());
            }
            case "threads" -> {
                return Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(thread -> thread.startsWith("RMI TCP Connection") && !thread.endsWith("(idle)"))
                        .count() + "";
            }
            case "hog" -> {
                HELD.clear();
                reserve = new byte[1 << 20];
                try {
                    while (true) {
                        HELD.add(new byte[64 << 10]);
                    }
                } catch (OutOfMemoryError e) {
                    reserve = null;
                    return "OutOfMemoryError";
                }
            }
            case "properties" -> {
                // Many that have the very string of another.
                for (int i = 0; i < Integer.parseInt(words[2]); i++) {
                    System.setProperty("copy." + i, System.getProperty(words[3]));
                }
            }
            case "free" -> HELD.clear();
            case "collect" -> System.gc();
            case "clients" -> {
                return Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("JMX server connection timeout"))
                        .count() + "";
            }
            case "timer-waits" -> {
                // Of the newest session's timer.
                return Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("JMX server connection timeout"))
                        .mapToLong(Thread::getId)
                        .max()
                        .stream()
                        .map(id -> ManagementFactory.getThreadMXBean().getThreadInfo(id).getWaitedCount())
                        .sum() + "";
            }
            case "many" -> {
                for (int i = Integer.parseInt(words[2]); i < Integer.parseInt(words[3]); i++) {
                    String each = words[1].replace("#", String.valueOf(i));
                    put(new ObjectName(each), new String[] {"put", each, "Count", "long", String.valueOf(i)});
                }
            }
            case "few" -> {
                for (int i = Integer.parseInt(words[2]); i < Integer.parseInt(words[3]); i++) {
                    String each = words[1].replace("#", String.valueOf(i));
                    SERVER.unregisterMBean(new ObjectName(each));
                    BEANS.remove(each);
                }
            }
            default -> throw new IllegalArgumentException(line);
        }
        return "done";
    }

    private static void put(ObjectName name, String[] words) throws Exception {
        Bean bean = BEANS.computeIfAbsent(words[1], key -> new Bean());
        synchronized (bean) {
            bean.types.putIfAbsent(words[2], declared(words[3]));
            bean.values.put(words[2], value(words[3], words[4]));
        }
        if (!SERVER.isRegistered(name)) {
            SERVER.registerMBean(bean, name);
        }
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

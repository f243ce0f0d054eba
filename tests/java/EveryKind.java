import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/** An application with an MBean of every kind, and fixed values; it runs on every JDK from 8 on. */
public final class EveryKind {

    /** What a getter of the table does. */
    private interface Getter {
        Object get() throws Exception;
    }

    /** An MBean whose attributes are a table of getters. */
    private static final class Table implements DynamicMBean {
        private final Map<String, Getter> getters = new LinkedHashMap<>();

        Table put(String name, Getter getter) {
            getters.put(name, getter);
            return this;
        }

        @Override
        public Object getAttribute(String name) throws AttributeNotFoundException, MBeanException {
            Getter getter = getters.get(name);
            if (getter == null) {
                throw new AttributeNotFoundException(name);
            }
            try {
                return getter.get();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new MBeanException(e);
            }
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            AttributeList list = new AttributeList();
            for (String name : names) {
                try {
                    list.add(new Attribute(name, getAttribute(name)));
                } catch (AttributeNotFoundException | MBeanException | RuntimeException e) {
                    // left out, as the contract says; an Error is the caller's
                }
            }
            return list;
        }

        @Override
        public void setAttribute(Attribute attribute) {
            throw new IllegalStateException("nobody sets anything");
        }

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            throw new IllegalStateException("nobody sets anything");
        }

        @Override
        public Object invoke(String action, Object[] params, String[] signature) {
            throw new IllegalStateException("nobody invokes anything");
        }

        @Override
        public MBeanInfo getMBeanInfo() {
            MBeanAttributeInfo[] infos = getters.keySet().stream()
                    .map(name -> new MBeanAttributeInfo(name, "java.lang.Object", name, true, false, false))
                    .toArray(MBeanAttributeInfo[]::new);
            return new MBeanInfo("Table", "a table", infos, null, null, null);
        }
    }

    /** A standard MBean. */
    public interface PlainMBean {
        int getCount();

        boolean isOpen();

        String getName();

        long getBroken();
    }

    /** What the MXBean's attribute is made of. */
    public static final class Usage {
        public long getUsed() {
            return 70;
        }

        public double getShare() {
            return 0.5;
        }

        public int[] getParts() {
            return new int[] {1, 2};
        }
    }

    /** An MXBean: its values become composites and tables. */
    public interface GaugesMXBean {
        Usage getUsage();

        Map<String, Integer> getBySize();

        Thread.State getState();
    }

    private static final class Plain implements PlainMBean {
        @Override
        public int getCount() {
            return 60;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public String getName() {
            return "plain";
        }

        @Override
        public long getBroken() {
            throw new UnsupportedOperationException("not today");
        }
    }

    private static final class Gauges implements GaugesMXBean {
        @Override
        public Usage getUsage() {
            return new Usage();
        }

        @Override
        public Map<String, Integer> getBySize() {
            Map<String, Integer> sizes = new LinkedHashMap<>();
            sizes.put("small", 71);
            sizes.put("large", 72);
            return sizes;
        }

        @Override
        public Thread.State getState() {
            return Thread.State.BLOCKED;
        }
    }

    /** A class that no reader has. */
    private static final class Own implements java.io.Serializable {
        private static final long serialVersionUID = 1L;
        final long secret = 99;
    }

    private static CompositeDataSupport composite() throws OpenDataException {
        CompositeType inner = new CompositeType(
                "inner", "i", new String[] {"deep"}, new String[] {"d"}, new OpenType<?>[] {SimpleType.LONG});
        String[] keys = {"in", "number", "text"};
        CompositeType outer = new CompositeType(
                "outer", "o", keys, keys, new OpenType<?>[] {inner, SimpleType.INTEGER, SimpleType.STRING});
        CompositeDataSupport deep = new CompositeDataSupport(inner, new String[] {"deep"}, new Object[] {40L});
        return new CompositeDataSupport(outer, keys, new Object[] {deep, 41, "some"});
    }

    private static TabularDataSupport table(boolean filled) throws OpenDataException {
        String[] keys = {"host", "port", "errors"};
        CompositeType row = new CompositeType(
                "row", "r", keys, keys, new OpenType<?>[] {SimpleType.STRING, SimpleType.INTEGER, SimpleType.LONG});
        TabularDataSupport table =
                new TabularDataSupport(new TabularType("table", "t", row, new String[] {"host", "port"}));
        for (int i = 0; filled && i < 2; i++) {
            table.put(new CompositeDataSupport(row, keys, new Object[] {"h" + i, i, 50L + i}));
        }
        return table;
    }

    private static LongAdder adder() {
        LongAdder adder = new LongAdder();
        adder.add(29);
        return adder;
    }

    private static void register(String name, Object mbean) throws Exception {
        ManagementFactory.getPlatformMBeanServer().registerMBean(mbean, new ObjectName(name));
    }

    public static void main(String[] args) throws Exception {
        register("t:type=Numbers", new Table()
                .put("Byte", () -> (byte) 20)
                .put("Short", () -> (short) 21)
                .put("Int", () -> 22)
                .put("Long", () -> 23L)
                .put("Float", () -> 24.5f)
                .put("Double", () -> 25.25)
                .put("Big", () -> BigInteger.valueOf(26))
                .put("Decimal", () -> new BigDecimal("27.125"))
                .put("Atomic", () -> new AtomicInteger(28))
                .put("AtomicLong", () -> new AtomicLong(30))
                .put("Adder", EveryKind::adder)
                .put("Infinite", () -> Double.POSITIVE_INFINITY)
                .put("Flag", () -> true)
                .put("Since", () -> new Date(1_700_000_000_123L)));
        register("t:type=Alone", new Table().put("Only", () -> 31));
        register("t:type=Texts", new Table()
                .put("Text", () -> "plain")
                .put("Odd", () -> "\"quoted\" \u0000 \u00e9 \ud83d\ude00\n")
                .put("Count", () -> 32));
        register("t:type=Structures", new Table()
                .put("Composite", EveryKind::composite)
                .put("Table", () -> table(true))
                .put("Empty", () -> table(false))
                .put("Array", () -> new long[] {1, 2})
                .put("List", () -> Arrays.asList(1, 2))
                .put("Map", () -> Collections.singletonMap("a", 1))
                .put("Nothing", () -> null)
                .put("Count", () -> 42));
        register("t:type=Failing", new Table()
                .put("Before", () -> 80)
                .put("Unchecked", () -> {
                    throw new IllegalStateException("no value");
                })
                .put("Checked", () -> {
                    throw new java.io.IOException("no value");
                })
                .put("After", () -> 81));
        register("t:type=Fatal", new Table()
                .put("Before", () -> 85)
                .put("Deep", () -> {
                    throw new StackOverflowError();
                })
                .put("After", () -> 86));
        register("t:type=Uncarried", new Table()
                .put("Before", () -> 90)
                .put("Own", Own::new)
                .put("Unserializable", Object::new)
                .put("After", () -> 91));
        register("t:type=Plain", new StandardMBean(new Plain(), PlainMBean.class));
        register("t:type=Gauges", new StandardMBean(new Gauges(), GaugesMXBean.class, true));
        register("t:type=Named,name=\"a, b=\\\"c\\\"\"", new Table().put("Count", () -> 33));
        System.out.println("ready " + System.getProperty("java.version"));
        Thread.sleep(Long.MAX_VALUE);
    }
}

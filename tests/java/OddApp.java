import java.lang.management.ManagementFactory;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ObjectName;

/** An application with MBeans that break JMX's rules, one for each argument: nameless, surrogate. */
public final class OddApp {
    private static final String HALF = "\ud83d";

    /** Says what it has, whatever that is, and answers 1 for all of it. */
    private record Odd(MBeanAttributeInfo... infos) implements DynamicMBean {
        @Override
        public Object getAttribute(String name) {
            return 1L;
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            AttributeList list = new AttributeList();
            for (String name : names) {
                list.add(new Attribute(name, 1L));
            }
            return list;
        }

        @Override
        public void setAttribute(Attribute attribute) {}

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            return new AttributeList();
        }

        @Override
        public Object invoke(String action, Object[] params, String[] signature) {
            return null;
        }

        @Override
        public MBeanInfo getMBeanInfo() {
            return new MBeanInfo("Odd", "odd", infos, null, null, null);
        }
    }

    private static MBeanAttributeInfo attribute(String name, String type) {
        return new MBeanAttributeInfo(name, type, null, true, false, false);
    }

    private static void register(String name, MBeanAttributeInfo... infos) throws Exception {
        ManagementFactory.getPlatformMBeanServer().registerMBean(new Odd(infos), new ObjectName(name));
    }

    public static void main(String[] args) throws Exception {
        register("t:type=Good", attribute("Count", "long"));
        for (String oddity : args) {
            switch (oddity) {
                case "nameless" -> register(
                        "t:type=Nameless", attribute(null, "long"), attribute("Count", null));
                case "surrogate" -> {
                    register("t:type=Half" + HALF, attribute("Count", "long"));
                    register("t:type=Attribute", attribute("Count", "long"), attribute("Half" + HALF, "long"));
                }
                default -> throw new IllegalArgumentException(oddity);
            }
        }
        System.out.println("ready");
        System.in.read();
        System.exit(0);
    }
}

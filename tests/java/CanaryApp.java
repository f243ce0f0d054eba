import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/** An application with a secret in each place where applications have them; its argument is what secrets begin with. */
public final class CanaryApp {
    /** Attributes by name, all described by one text. */
    private record Bean(String about, Map<String, Object> values) implements DynamicMBean {
        @Override
        public Object getAttribute(String name) {
            return values.get(name);
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            AttributeList list = new AttributeList();
            for (String name : names) {
                list.add(new Attribute(name, values.get(name)));
            }
            return list;
        }

        @Override
        public MBeanInfo getMBeanInfo() {
            MBeanAttributeInfo[] infos = values.entrySet().stream()
                    .map(one -> new MBeanAttributeInfo(
                            one.getKey(), one.getValue().getClass().getName(), about, true, false, false))
                    .toArray(MBeanAttributeInfo[]::new);
            return new MBeanInfo("Bean", about, infos, null, null, null);
        }

        @Override
        public void setAttribute(Attribute attribute) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object invoke(String name, Object[] params, String[] signature) {
            throw new UnsupportedOperationException();
        }
    }

    private static void register(String name, String about, Map<String, Object> values) throws Exception {
        ManagementFactory.getPlatformMBeanServer().registerMBean(new Bean(about, values), new ObjectName(name));
    }

    private static CompositeType type(String name, String... keys) throws Exception {
        OpenType<?>[] types = new OpenType<?>[keys.length];
        java.util.Arrays.fill(types, SimpleType.STRING);
        return new CompositeType(name, name, keys, keys, types);
    }

    private static TabularDataSupport table(String key, String column, String... row) throws Exception {
        CompositeType rows = type("row", key, column);
        TabularDataSupport table = new TabularDataSupport(new TabularType("table", "table", rows, new String[] {key}));
        table.put(new CompositeDataSupport(rows, new String[] {key, column}, row));
        return table;
    }

    public static void main(String[] args) throws Exception {
        String canary = args[0];
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("password", canary + "password");
        values.put("accessToken", canary + "token");
        values.put("secret", canary + "secret");
        values.put("apiKey", canary + "apikey");
        values.put("shortPassword", "Qz7");
        values.put("Url", "jdbc:postgresql://shop:" + canary + "url@db/shop");
        values.put("OracleUrl", "jdbc:oracle:thin:shop/" + canary + "oracle@db:1521:x");
        values.put("Properties", "user=shop;password=" + canary + "inside;ssl=true");
        values.put("sasl.jaas.config", "PlainLoginModule required password=\"" + canary + "jaas\";");
        values.put("Config", "sasl.jaas.config=PlainLoginModule required username=\"a\" password=\"b " + canary + "blank\";");
        values.put("Arguments", new String[] {"--password=" + canary + "array"});
        CompositeType pair = type("pair", "user", "clientSecret");
        values.put("Login", new CompositeDataSupport(
                pair, new String[] {"user", "clientSecret"}, new String[] {"shop", canary + "item"}));
        values.put("Sessions", table("sessionId", "page", canary + "key", "/cart"));
        values.put("Settings", table("key", "value", "db.password", canary + "cell"));
        values.put("Elsewhere", "pool of " + canary + "password");
        values.put("Count", 7);
        register("shop:type=Secrets", "default password=" + canary + "described", values);
        register("shop:type=Session,sessionId=" + canary + "name", "one", Map.of("Hits", 3));
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}

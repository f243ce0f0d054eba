import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Reads every attribute of a target a few times with the JDK's ordinary client.
 *
 * <p>A JVM answers its first thousands of remote calls slowly, until it has compiled what serves them. Without
 * this, whichever exporter is measured first would pay for that.
 *
 * <p>usage: java WarmUp PORT PASSES SECONDS; stops after the passes or the seconds, prints the number of MBeans.
 */
public final class WarmUp {
    public static void main(String[] args) throws Exception {
        JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + args[0] + "/jmxrmi");
        int passes = Integer.parseInt(args[1]);
        long end = System.nanoTime() + Integer.parseInt(args[2]) * 1_000_000_000L;

        try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
            MBeanServerConnection server = connector.getMBeanServerConnection();
            List<ObjectName> names = new ArrayList<>(server.queryNames(null, null));
            for (int pass = 0; pass < passes; pass++) {
                for (ObjectName name : names) {
                    if (System.nanoTime() < end) {
                        read(server, name);
                    }
                }
            }
            System.out.println(names.size());
        }
    }

    private static void read(MBeanServerConnection server, ObjectName name) {
        try {
            List<String> readable = new ArrayList<>();
            for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
                if (attribute.isReadable()) {
                    readable.add(attribute.getName());
                }
            }
            server.getAttributes(name, readable.toArray(new String[0]));
        } catch (JMException | IOException | RuntimeException e) {
            // gone since it was listed, or not serializable: warm enough
        }
    }
}

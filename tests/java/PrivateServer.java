import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.rmi.registry.LocateRegistry;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;

/**
 * A JMX server of an application's own, at the port that is the first argument: "absent", without the JVM's
 * MBeans, or "denied", where a reader may not ask them.
 */
public final class PrivateServer {
    /** One number. */
    public interface CountMBean {
        int getCount();
    }

    private static Object allow(MBeanServer server, java.lang.reflect.Method method, Object[] arguments)
            throws Throwable {
        boolean reads = method.getName().startsWith("getAttribute");
        if (reads && ((ObjectName) arguments[0]).getDomain().equals("java.lang")) {
            throw new SecurityException("not for this role");
        }
        try {
            return method.invoke(server, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    public static void main(String[] args) throws Exception {
        MBeanServer server = args[1].equals("absent")
                ? MBeanServerFactory.newMBeanServer()
                : ManagementFactory.getPlatformMBeanServer();
        server.registerMBean(new StandardMBean(() -> 1, CountMBean.class), new ObjectName("t:type=A"));
        MBeanServer guarded = (MBeanServer) Proxy.newProxyInstance(
                PrivateServer.class.getClassLoader(),
                new Class<?>[] {MBeanServer.class},
                (proxy, method, arguments) -> allow(server, method, arguments));
        int port = Integer.parseInt(args[0]);
        LocateRegistry.createRegistry(port);
        String url = "service:jmx:rmi://127.0.0.1:" + port + "/jndi/rmi://127.0.0.1:" + port + "/jmxrmi";
        JMXConnectorServer connector =
                JMXConnectorServerFactory.newJMXConnectorServer(new JMXServiceURL(url), null, guarded);
        connector.start();
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}

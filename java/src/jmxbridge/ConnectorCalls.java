package jmxbridge;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanInfo;
import javax.management.MBeanServerConnection;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerNotification;
import javax.management.Notification;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;

/** Any connector that the platform finds for a JMX service URL, spoken through its client class. */
final class ConnectorCalls implements Calls, NotificationListener {
    private final JMXConnector connector;
    private final MBeanServerConnection server;
    private Set<ObjectName> registered;

    ConnectorCalls(JMXConnector connector) throws IOException {
        this.connector = connector;
        this.server = connector.getMBeanServerConnection();
    }

    @Override
    public Set<ObjectName> queryNames(ObjectName pattern) throws IOException {
        return server.queryNames(pattern, null);
    }

    @Override
    public MBeanInfo info(ObjectName name) throws IOException, JMException {
        return server.getMBeanInfo(name);
    }

    @Override
    public List<Attribute> attributes(ObjectName name, String[] attributes) throws IOException, JMException {
        return server.getAttributes(name, attributes).asList();
    }

    @Override
    public Object attribute(ObjectName name, String attribute) throws IOException, JMException {
        return server.getAttribute(name, attribute);
    }

    @Override
    public Object invoke(ObjectName name, String operation, Object[] arguments, String[] signature)
            throws IOException, JMException {
        return server.invoke(name, operation, arguments, signature);
    }

    @Override
    public Set<ObjectName> registered() throws IOException, JMException {
        synchronized (this) {
            if (registered != null) {
                Set<ObjectName> since = registered;
                registered = new HashSet<>();
                return since;
            }
        }
        server.addNotificationListener(MBeanServerDelegate.DELEGATE_NAME, this, null, null);
        synchronized (this) {
            registered = new HashSet<>();
        }
        return null;
    }

    @Override
    public synchronized void handleNotification(Notification notification, Object handback) {
        if (registered != null
                && notification instanceof MBeanServerNotification change
                && change.getType().equals(MBeanServerNotification.REGISTRATION_NOTIFICATION)) {
            registered.add(change.getMBeanName());
        }
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}

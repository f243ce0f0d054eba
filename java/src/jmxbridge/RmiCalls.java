package jmxbridge;

import java.io.IOException;
import java.rmi.MarshalledObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanInfo;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerNotification;
import javax.management.ObjectName;
import javax.management.remote.NotificationResult;
import javax.management.remote.TargetedNotification;
import javax.management.remote.rmi.RMIConnection;
import javax.security.auth.Subject;

/**
 * The JDK's own connector, spoken without its client class: no heartbeat, no thread, no reconnecting behind
 * our back. Registrations are asked for with a time-out of zero, so the target keeps no thread for us.
 */
final class RmiCalls implements Calls {
    private static final int MOST_NOTIFICATIONS = 1000;

    private final RMIConnection connection;
    private final Lock telling = new ReentrantLock();
    private volatile long nextNotification = -1;
    private boolean listening;

    RmiCalls(RMIConnection connection) {
        this.connection = connection;
    }

    @Override
    public Set<ObjectName> queryNames(ObjectName pattern) throws IOException {
        return connection.queryNames(pattern, null, null);
    }

    @Override
    public MBeanInfo info(ObjectName name) throws IOException, JMException {
        return connection.getMBeanInfo(name, null);
    }

    @Override
    public List<Attribute> attributes(ObjectName name, String[] attributes) throws IOException, JMException {
        return connection.getAttributes(name, attributes, null).asList();
    }

    @Override
    public Object attribute(ObjectName name, String attribute) throws IOException, JMException {
        return connection.getAttribute(name, attribute, null);
    }

    @Override
    public Object invoke(ObjectName name, String operation, Object[] arguments, String[] signature)
            throws IOException, JMException {
        return connection.invoke(name, operation, new MarshalledObject<>(arguments), signature, null);
    }

    @Override
    public Set<ObjectName> registered() throws IOException, JMException {
        // A question that never ends keeps only its own connection from us.
        if (!telling.tryLock()) {
            return null;
        }
        try {
            return news();
        } finally {
            telling.unlock();
        }
    }

    private Set<ObjectName> news() throws IOException, JMException {
        if (!listening) {
            ObjectName[] names = {MBeanServerDelegate.DELEGATE_NAME};
            connection.addNotificationListeners(names, new MarshalledObject<?>[1], new Subject[1]);
            nextNotification = connection.fetchNotifications(-1, 0, 0).getNextSequenceNumber();
            listening = true;
            return null;
        }
        Set<ObjectName> registered = new HashSet<>();
        NotificationResult result;
        do {
            result = connection.fetchNotifications(nextNotification, MOST_NOTIFICATIONS, 0);
            boolean missed = result.getEarliestSequenceNumber() > nextNotification;
            nextNotification = result.getNextSequenceNumber();
            if (missed) {
                return null;
            }
            for (TargetedNotification targeted : result.getTargetedNotifications()) {
                if (targeted.getNotification() instanceof MBeanServerNotification change
                        && change.getType().equals(MBeanServerNotification.REGISTRATION_NOTIFICATION)) {
                    registered.add(change.getMBeanName());
                }
            }
        } while (result.getTargetedNotifications().length == MOST_NOTIFICATIONS);
        return registered;
    }

    @Override
    public boolean longPoll(long millis) throws IOException {
        long next = nextNotification;
        if (next < 0) {
            return false;
        }
        long start = System.nanoTime();
        // Of those that come none is taken: they stay for registered().
        connection.fetchNotifications(next, 0, millis);
        return System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}

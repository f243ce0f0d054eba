package jmxbridge;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanInfo;
import javax.management.ObjectName;

/** The questions a connector answers, one blocking call each; safe for several threads at once. */
interface Calls extends Closeable {

    Set<ObjectName> queryNames(ObjectName pattern) throws IOException;

    MBeanInfo info(ObjectName name) throws IOException, JMException;

    List<Attribute> attributes(ObjectName name, String[] attributes) throws IOException, JMException;

    Object attribute(ObjectName name, String attribute) throws IOException, JMException;

    Object invoke(ObjectName name, String operation, Object[] arguments, String[] signature)
            throws IOException, JMException;

    /** The MBeans registered since the last time; null when the target could not tell all of them. */
    Set<ObjectName> registered() throws IOException, JMException;

    /** Keeps one call open on the target for *millis*; false if that ended before, or cannot be done. */
    default boolean longPoll(long millis) throws IOException {
        return false;
    }
}

package shop;

import java.lang.management.ManagementFactory;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The platform's MBean server, where the shop's MBeans are as long as their servlets. */
final class Registry {
  private static final Logger LOG = Logger.getLogger("shop");
  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  private Registry() {}

  static void add(String name, Object mbean) throws JMException {
    SERVER.registerMBean(mbean, new ObjectName(name));
  }

  static void remove(String name) {
    try {
      SERVER.unregisterMBean(new ObjectName(name));
    } catch (JMException e) {
      LOG.log(Level.WARNING, "the MBean stays registered", e);
    }
  }
}

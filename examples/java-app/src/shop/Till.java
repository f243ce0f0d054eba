package shop;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanException;
import javax.management.ReflectionException;
import javax.management.StandardMBean;

/**
 * Counts sales, and jams when a foreign coin is put in.
 *
 * <p>It then fails as MBeans of real products do: for a while no attribute can be read, and for a
 * while after that a counter is -1, which means "not known".
 */
final class Till extends StandardMBean implements TillMXBean {
  private static final long JAMMED = TimeUnit.SECONDS.toNanos(7);
  private static final long COUNTING = TimeUnit.SECONDS.toNanos(14);

  private final AtomicLong sales = new AtomicLong();
  private volatile long jam = System.nanoTime() - COUNTING;

  Till() {
    super(TillMXBean.class, true);
  }

  /** Takes a coin and returns whether it was a good one. */
  boolean take(String coin) {
    if (coin == null || coin.equals("foreign")) {
      jam = System.nanoTime();
      return false;
    }
    sales.incrementAndGet();
    return true;
  }

  @Override
  public long getSales() {
    return sinceJam() < COUNTING ? -1 : sales.get();
  }

  @Override
  public Object getAttribute(String attribute)
      throws AttributeNotFoundException, MBeanException, ReflectionException {
    refuseWhileJammed();
    return super.getAttribute(attribute);
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    refuseWhileJammed();
    return super.getAttributes(attributes);
  }

  private void refuseWhileJammed() {
    if (sinceJam() < JAMMED) {
      throw new IllegalStateException("the till is jammed");
    }
  }

  private long sinceJam() {
    return System.nanoTime() - jam;
  }
}

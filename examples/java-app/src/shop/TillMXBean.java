package shop;

/** What the till tells about itself over JMX. */
public interface TillMXBean {
  /** Sales since the start, or -1 while the till counts its coins. */
  long getSales();
}

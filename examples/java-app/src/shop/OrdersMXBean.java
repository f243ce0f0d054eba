package shop;

import java.util.Map;

/** What the shop tells about itself over JMX. */
public interface OrdersMXBean {
  /** Orders taken since the start. */
  long getPlaced();

  /** Orders turned down since the start. */
  long getRejected();

  /** Orders that are being packed at this moment. */
  int getInProgress();

  /** How long packing took. */
  Packing getPacking();

  /** Orders taken since the start, by product. */
  Map<String, Long> getPlacedByProduct();
}

package shop;

import java.util.Map;

/** What the shop tells about itself over JMX. */
public interface ShopMXBean {
    /** Orders taken since the start. */
    long getOrderCount();

    /** Orders that could not be taken. */
    long getFailedOrderCount();

    /** Orders that wait to be packed. */
    int getOpenOrders();

    /** Takings by kind of ware, in cents. */
    Map<String, Long> getTakings();

    /** How long orders took. */
    Latency getLatency();

    /** Whether the shop takes orders. */
    boolean isOpen();

    /** The version that is deployed. */
    String getVersion();

    /** A composite value: times in seconds. */
    record Latency(double mean, double max) {
        public double getMean() {
            return mean;
        }

        public double getMax() {
            return max;
        }
    }
}

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Registers many MBeans that are named as Kafka names its own, eight attributes each.
 *
 * <p>Of every ten, five are meters, four are values of a log and one is a histogram. Values are
 * computed when they are read, so that they move without a thread that would cost CPU between reads.
 *
 * <p>usage: java ManyBeans N; prints "ready N".
 */
public final class ManyBeans {
    private static final String[] METERS = {
        "BytesInPerSec", "BytesOutPerSec", "MessagesInPerSec", "FailedFetchRequestsPerSec", "TotalProduceRequestsPerSec"
    };
    private static final String[] LOG_VALUES = {"Size", "LogStartOffset", "LogEndOffset", "NumLogSegments"};
    private static final String[] REQUEST_TIMES = {"TotalTimeMs", "LocalTimeMs", "RequestQueueTimeMs", "ResponseSendTimeMs"};
    private static final int PARTITIONS = 12;

    private static final long START = System.nanoTime();

    /** Seconds that the program has run: what makes values move. */
    private static double age() {
        return (System.nanoTime() - START) / 1e9;
    }

    public interface MeterMBean {
        long getCount();

        double getOneMinuteRate();

        double getFiveMinuteRate();

        double getFifteenMinuteRate();

        double getMeanRate();

        long getUpdateCount();

        String getEventType();

        String getRateUnit();
    }

    public record Meter(int seed) implements MeterMBean {
        @Override
        public long getCount() {
            return 1000L * seed + (long) (age() * (1 + seed % 97));
        }

        @Override
        public double getOneMinuteRate() {
            return rate(1);
        }

        @Override
        public double getFiveMinuteRate() {
            return rate(5);
        }

        @Override
        public double getFifteenMinuteRate() {
            return rate(15);
        }

        @Override
        public double getMeanRate() {
            return rate(60);
        }

        @Override
        public long getUpdateCount() {
            return getCount() / 3;
        }

        @Override
        public String getEventType() {
            return "bytes";
        }

        @Override
        public String getRateUnit() {
            return "SECONDS";
        }

        private double rate(int minutes) {
            return 1 + seed % 97 + Math.sin(age() / minutes + seed);
        }
    }

    public interface LogValueMBean {
        Object getValue();

        long getLowest();

        long getHighest();

        double getMean();

        double getChange();

        int getReaders();

        int getWriters();

        long getReads();
    }

    /** {@code Value} is declared as Object, as Kafka's gauges are. */
    public record LogValue(int seed) implements LogValueMBean {
        @Override
        public Object getValue() {
            return getHighest() - seed % 13;
        }

        @Override
        public long getLowest() {
            return 10L * seed;
        }

        @Override
        public long getHighest() {
            return 4096L * seed + (long) (age() * 100);
        }

        @Override
        public double getMean() {
            return (getLowest() + getHighest()) / 2.0;
        }

        @Override
        public double getChange() {
            return Math.cos(age() + seed);
        }

        @Override
        public int getReaders() {
            return seed % 7;
        }

        @Override
        public int getWriters() {
            return seed % 3;
        }

        @Override
        public long getReads() {
            return (long) (age() * 10) + seed;
        }
    }

    public interface HistogramMBean {
        long getCount();

        double getMin();

        double getMax();

        double getMean();

        double get50thPercentile();

        double get95thPercentile();

        double get99thPercentile();

        double get999thPercentile();
    }

    public record Histogram(int seed) implements HistogramMBean {
        @Override
        public long getCount() {
            return 50L * seed + (long) (age() * 20);
        }

        @Override
        public double getMin() {
            return 0.1;
        }

        @Override
        public double getMax() {
            return at(1.0);
        }

        @Override
        public double getMean() {
            return at(0.55);
        }

        @Override
        public double get50thPercentile() {
            return at(0.5);
        }

        @Override
        public double get95thPercentile() {
            return at(0.95);
        }

        @Override
        public double get99thPercentile() {
            return at(0.99);
        }

        @Override
        public double get999thPercentile() {
            return at(0.999);
        }

        private double at(double quantile) {
            return quantile * (100 + seed % 50) + Math.sin(age() + seed);
        }
    }

    private static void register(MBeanServer server, int index) throws Exception {
        int tens = index / 10;
        int place = index % 10;
        if (place < 5) {
            server.registerMBean(new Meter(index), new ObjectName(
                    "kafka.server:type=BrokerTopicMetrics,name=" + METERS[place] + ",topic=t-" + tens));
        } else if (place < 9) {
            server.registerMBean(new LogValue(index), new ObjectName("kafka.log:type=Log,name=" + LOG_VALUES[place - 5]
                    + ",topic=t-" + tens / PARTITIONS + ",partition=" + tens % PARTITIONS));
        } else {
            server.registerMBean(new Histogram(index), new ObjectName("kafka.network:type=RequestMetrics,name="
                    + REQUEST_TIMES[tens % REQUEST_TIMES.length] + ",request=r-" + tens / REQUEST_TIMES.length));
        }
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();

        for (int i = 0; i < count; i++) {
            register(server, i);
        }
        System.out.println("ready " + count);
        System.out.flush();
        new CountDownLatch(1).await();
    }
}

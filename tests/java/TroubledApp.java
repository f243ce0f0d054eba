import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.management.ObjectName;

/**
 * An application in trouble of its own making: a heap that is full of what is in use, a collector that
 * never rests, an MBean that takes its time, and 300 threads more, on command by standard input.
 */
public final class TroubledApp {
    private static final int CHUNK = 256 << 10;
    private static final int MANY = 300;
    private static final double FULL = 0.88;
    private static final List<byte[]> HELD = new ArrayList<>();
    static volatile byte[] garbage;

    /** What takes its time. */
    public interface SlowMBean {
        int getValue() throws InterruptedException;
    }

    /** Answers after as many milliseconds as it was told. */
    public static final class Slow implements SlowMBean {
        private final long millis;

        Slow(long millis) {
            this.millis = millis;
        }

        @Override
        public int getValue() throws InterruptedException {
            Thread.sleep(millis);
            return 1;
        }
    }

    private TroubledApp() {}

    /** Argument: how many milliseconds the slow MBean takes, 0 for none. Commands: fill, threads. */
    public static void main(String[] arguments) throws Exception {
        long millis = Long.parseLong(arguments[0]);
        if (millis > 0) {
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(new Slow(millis), new ObjectName("trouble:type=Slow"));
        }
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (line.equals("fill")) {
                fill();
                daemon(TroubledApp::churn);
            } else {
                for (int i = 0; i < MANY; i++) {
                    daemon(TroubledApp::idle);
                }
            }
            System.out.println("done");
        }
    }

    private static void fill() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        while (true) {
            long used = memory.getHeapMemoryUsage().getUsed();
            if (used >= FULL * memory.getHeapMemoryUsage().getMax()) {
                System.gc();
                if (memory.getHeapMemoryUsage().getUsed() >= FULL * memory.getHeapMemoryUsage().getMax()) {
                    return;
                }
            }
            HELD.add(new byte[CHUNK]);
        }
    }

    private static void churn() {
        while (true) {
            garbage = new byte[CHUNK];
            if (Math.random() < 0.05) {
                System.gc();
            }
        }
    }

    private static void idle() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(null, work, "trouble", 128 << 10);
        thread.setDaemon(true);
        thread.start();
    }
}

package jmxbridge;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Reads large answers over many connections at a time: "lanes megabytes together" or "... apart". */
public final class ManyAnswers {
    private ManyAnswers() {}

    public static void main(String[] arguments) throws Exception {
        int lanes = Integer.parseInt(arguments[0]);
        byte[] answer = answer(Integer.parseInt(arguments[1]));
        LargeAnswers large = new LargeAnswers();
        CountDownLatch done = new CountDownLatch(lanes);
        for (int i = 0; i < lanes; i++) {
            LargeAnswers mine = arguments[2].equals("apart") ? new LargeAnswers() : large;
            new Thread(() -> read(answer, mine, done)).start();
        }
        if (!done.await(2, TimeUnit.MINUTES)) {
            System.exit(2);
        }
        System.out.println("read");
    }

    private static void read(byte[] answer, LargeAnswers large, CountDownLatch done) {
        WireInput in = new WireInput(new ByteArrayInputStream(answer), new StringCache(), large);
        try {
            in.allow(32L << 20, Deadline.in(TimeUnit.MINUTES.toMillis(2)));
            WireReader reader = new WireReader(in);
            reader.begin();
            Object[] read = (Object[]) reader.object();
            if (read.length > 0) {
                done.countDown();
            }
        } catch (IOException e) {
            e.printStackTrace();
        } finally {
            in.release();
        }
    }

    private static byte[] answer(int megabytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((megabytes + 1) << 20);
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            Object[] strings = new Object[megabytes << 5];
            for (int i = 0; i < strings.length; i++) {
                strings[i] = i + "x".repeat(1 << 15);
            }
            out.writeObject(strings);
        }
        return bytes.toByteArray();
    }
}

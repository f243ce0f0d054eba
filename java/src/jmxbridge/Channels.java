package jmxbridge;

import java.io.Closeable;
import java.io.IOException;
import java.rmi.server.RMIClientSocketFactory;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The connections to one target that wait for their next use.
 *
 * <p>The target keeps a thread for each, so they are closed as soon as the JDK's own client would close its
 * own: after at most 15 seconds.
 */
final class Channels implements Closeable {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(12);
    private static final long LOOK_MILLIS = 3000;

    private final Stub stub;
    private final RMIClientSocketFactory factory;
    private final StringCache strings = new StringCache();
    private final LargeAnswers large = new LargeAnswers();
    private final Deque<Channel> idle = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean watched = new AtomicBoolean();
    private volatile boolean closed;

    Channels(Stub stub) {
        this.stub = stub;
        this.factory = stub.factory() != null ? stub.factory() : Dialer.installed()::createSocket;
    }

    /** A connection that is ready for calls. */
    Channel take(Deadline deadline) throws IOException {
        for (Channel channel = idle.poll(); channel != null; channel = idle.poll()) {
            if (!channel.stale()) {
                return channel;
            }
            channel.close();
        }
        return Channel.open(stub, factory, strings, large, deadline);
    }

    /** Takes a channel back; one that is not *good* has answers to come that nobody waits for. */
    void give(Channel channel, boolean good) {
        channel.release();
        if (!good || closed) {
            channel.close();
            return;
        }
        idle.push(channel);
        if (closed) {
            close();
        } else if (watched.compareAndSet(false, true)) {
            Thread thread = new Thread(this::watch, "jmx-idle");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Closes what nobody used for a while, and ends when there is nothing left to watch. */
    private void watch() {
        do {
            try {
                while (!idle.isEmpty()) {
                    Thread.sleep(LOOK_MILLIS);
                    closeOld();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            watched.set(false);
        } while (!idle.isEmpty() && watched.compareAndSet(false, true));
    }

    private void closeOld() {
        // Its end has those that were not used for longest; one that is just being taken is not ours to close.
        for (Channel old = idle.peekLast(); old != null && old.idleNanos() >= IDLE_NANOS; old = idle.peekLast()) {
            if (idle.remove(old)) {
                old.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Channel channel = idle.poll(); channel != null; channel = idle.poll()) {
            channel.close();
        }
    }
}

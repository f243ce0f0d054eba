package jmxbridge;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;

/**
 * One question to each of many MBeans, over several lanes at a time: who has still to be asked, who has still
 * to answer, and where answers go.
 *
 * <p>It ends when all have answered, at the deadline, or when the session is lost; whatever comes later is
 * dropped.
 */
final class PipelinedRound<T> {
    /** A question at which this many connections ended is not asked a third time. */
    static final int MOST_DEATHS = 2;
    /** So many connections may end in one round before the session is taken for lost. */
    private static final int MOST_DEATHS_IN_ROUND = 32;
    /** Late answers keep lanes of their own; so many are waited for at once. */
    private static final int MOST_LATE = 16;

    /** What is asked, and what an answer means. */
    interface Question<T> {
        Jrmp.Form form(WatchedMBean mbean);

        T value(WatchedMBean mbean, Object answer) throws JMException;

        /** Asks in another way, since the whole answer is lost; null if nothing can be had so. */
        T maybeRecover(WatchedMBean mbean, Deadline deadline) throws IOException;
    }

    private final Question<T> question;
    private final Channels channels;
    private final Deadline deadline;
    final long patience;
    private final Wire.Sink<T> sink;
    private final ArrayDeque<WatchedMBean> waiting;
    private final Set<WatchedMBean> open;
    private final Map<WatchedMBean, Integer> deaths = new HashMap<>();
    private int deathsInAll;
    private int running;
    private int late;
    private IOException lost;
    private boolean over;

    PipelinedRound(
            Question<T> question, List<WatchedMBean> mbeans, Channels channels, Deadline deadline, Wire.Sink<T> sink) {
        this.question = question;
        this.channels = channels;
        this.deadline = deadline;
        this.patience = SlowMBeans.patience(deadline);
        this.sink = sink;
        this.waiting = new ArrayDeque<>(mbeans);
        this.open = new HashSet<>(mbeans);
    }

    /** Asks over at most *lanes* connections, besides those that wait for a late answer. */
    synchronized void run(int lanes) throws IOException {
        int wanted = Math.min(lanes, 1 + open.size() / Lane.MOST_CALLS_IN_FLIGHT);
        for (int i = 0; i < wanted; i++) {
            start();
        }
        try {
            while (!open.isEmpty() && lost == null && running > 0 && !deadline.passed()) {
                wait(deadline.waitMillis());
            }
        } catch (InterruptedException e) {
            lost = new IOException(e);
        }
        over = true;
        open.forEach(mbean -> sink.failed(mbean, Failure.LATE, null));
        if (lost != null) {
            throw SessionException.lost(lost);
        }
    }

    private synchronized void start() {
        running++;
        Thread thread = new Thread(this::work, "jmx-pipe");
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        try {
            while (pending()) {
                new Lane<>(this, question, channels, deadline).run();
            }
        } catch (SocketTimeoutException e) {
            // no new connection in time: what others fetched is served, and the rest is late
        } catch (IOException e) {
            lose(e);
        } finally {
            synchronized (this) {
                running--;
                notifyAll();
            }
        }
    }

    private synchronized boolean pending() {
        return !over && lost == null && !waiting.isEmpty();
    }

    /** The next MBean to ask; null if there is none, or no time. */
    synchronized WatchedMBean maybeNext() {
        return over ? null : waiting.poll();
    }

    /** Has *asked* asked once more, before all others and in their order. */
    synchronized void again(Deque<WatchedMBean> asked) {
        while (!asked.isEmpty()) {
            waiting.addFirst(asked.pollLast());
        }
    }

    void answered(WatchedMBean mbean, T answer) {
        finish(mbean, answer, null, null);
    }

    void failed(WatchedMBean mbean, Failure failure, Throwable error) {
        finish(mbean, null, failure, error);
    }

    private synchronized void finish(WatchedMBean mbean, T answer, Failure failure, Throwable error) {
        mbean.busy = false;
        if (over || !open.remove(mbean)) {
            return;
        }
        if (failure == null) {
            mbean.lapses = 0;
            sink.take(mbean, answer);
        } else {
            sink.failed(mbean, failure, error);
        }
        if (open.isEmpty()) {
            notifyAll();
        }
    }

    /** The session is over, for all MBeans. */
    synchronized void lose(IOException error) {
        lost = error;
        notifyAll();
    }

    /** A lane waits for a late answer: another one takes over what is still to be asked. */
    synchronized void lateBegins() {
        if (!waiting.isEmpty() && !over && late < MOST_LATE) {
            start();
        }
        late++;
    }

    synchronized void lateEnds() {
        late--;
    }

    /** The connections that ended for one question are not the session's fault: others are answered. */
    synchronized void forgive() {
        deathsInAll -= MOST_DEATHS;
    }

    /**
     * Counts a connection that ended while *head* (null: nobody) had still to answer; whether it ended for
     * that question before, so that asking again is hopeless. Throws when too many ended.
     */
    synchronized boolean hopeless(WatchedMBean head, IOException error) throws IOException {
        if (++deathsInAll > MOST_DEATHS_IN_ROUND) {
            throw error;
        }
        return head != null && deaths.merge(head, 1, Integer::sum) >= MOST_DEATHS;
    }
}

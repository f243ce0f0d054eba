package jmxbridge;

import java.io.IOException;
import java.util.List;
import javax.management.JMException;

/**
 * One question to each of many MBeans, one ordinary call at a time on each thread that runs it.
 *
 * <p>It ends when all have answered, at the deadline, or when the session is lost; whatever comes later is
 * dropped.
 */
final class StandardRound<T> implements Runnable {
    /** What is asked, by one call. */
    interface Question<T> {
        T ask(WatchedMBean mbean) throws IOException, JMException;
    }

    private final List<WatchedMBean> mbeans;
    private final Deadline deadline;
    private final Wire.Sink<T> sink;
    private final Question<T> question;
    private final boolean[] done;
    private int next;
    private int open;
    private boolean closed;
    private Throwable lost;

    StandardRound(List<WatchedMBean> mbeans, Deadline deadline, Wire.Sink<T> sink, Question<T> question) {
        this.mbeans = mbeans;
        this.deadline = deadline;
        this.sink = sink;
        this.question = question;
        this.done = new boolean[mbeans.size()];
        this.open = mbeans.size();
    }

    /** Asks one MBean after the other; several threads run this at a time. */
    @Override
    public void run() {
        for (int i = take(); i >= 0; i = take()) {
            WatchedMBean mbean = mbeans.get(i);
            try {
                T answer = question.ask(mbean);
                mbean.busy = false;
                finish(i, answer, null);
            } catch (IOException | JMException | RuntimeException | LinkageError | StackOverflowError e) {
                mbean.busy = false;
                finish(i, null, e);
            }
        }
    }

    private synchronized int take() {
        if (closed || next == mbeans.size() || deadline.passed()) {
            return -1;
        }
        mbeans.get(next).busy = true;
        mbeans.get(next).asked(true);
        return next++;
    }

    private synchronized void finish(int i, T answer, Throwable error) {
        if (closed) {
            return;
        }
        done[i] = true;
        open--;
        if (error == null) {
            mbeans.get(i).lapses = 0;
            sink.take(mbeans.get(i), answer);
        } else {
            Failure failure = Failure.of(error);
            sink.failed(mbeans.get(i), failure, error);
            if (failure == Failure.LOST) {
                lost = error;
                closed = true;
            }
        }
        if (open == 0 || closed) {
            notifyAll();
        }
    }

    /** Waits until it ends; what has not answered by then is late. Throws if the session is lost. */
    synchronized void await() throws IOException {
        try {
            while (open > 0 && !closed && !deadline.passed()) {
                wait(deadline.waitMillis());
            }
        } catch (InterruptedException e) {
            lost = e;
        }
        closed = true;
        for (int i = 0; i < done.length; i++) {
            if (!done[i]) {
                sink.failed(mbeans.get(i), Failure.LATE, null);
            }
        }
        if (lost != null) {
            throw SessionException.lost(lost);
        }
    }
}

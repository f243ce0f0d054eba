package jmxbridge;

import java.io.EOFException;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.rmi.UnmarshalException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanInfo;
import javax.management.MBeanServerDelegate;
import javax.management.ObjectName;

/**
 * Several ordinary calls at a time, each on a thread of its own.
 *
 * <p>A call can't be taken back: one that outlives its deadline keeps its thread and its MBean until it
 * returns, and others take its place up to a limit.
 */
final class StandardWire implements Wire {
    private static final int SPARE = 4;

    /** How an AttributeList spells its attributes. */
    private static final Alignment.Elements ATTRIBUTES = new Alignment.Elements() {
        @Override
        public String maybeName(Object element) {
            return element instanceof Attribute attribute ? attribute.getName() : null;
        }

        @Override
        public Object value(Object element) {
            return ((Attribute) element).getValue();
        }
    };

    private final Calls calls;
    private final int inFlight;
    private final ExecutorService threads;

    StandardWire(Calls calls, int inFlight) {
        this.calls = calls;
        this.inFlight = inFlight;
        this.threads = new ThreadPoolExecutor(
                0, inFlight * SPARE + 2, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), StandardWire::daemon);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "jmx-call");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public List<List<String>> names(List<ObjectName> patterns, Deadline deadline) throws IOException {
        List<List<String>> found = new ArrayList<>();
        for (ObjectName pattern : patterns) {
            Set<ObjectName> names = within(deadline, () -> calls.queryNames(pattern));
            found.add(names.stream().map(Names::text).toList());
        }
        return found;
    }

    @Override
    public Set<String> registered(Deadline deadline) throws IOException {
        Set<ObjectName> names = within(deadline, calls::registered);
        return names == null ? null : names.stream().map(Names::text).collect(Collectors.toSet());
    }

    @Override
    public Object attribute(ObjectName name, String attribute, Deadline deadline) throws IOException {
        return within(deadline, () -> calls.attribute(name, attribute));
    }

    /** The JDK makes objects of all of them, which are let go at once. */
    @Override
    public List<String> properties(List<String> keys, Deadline deadline) throws IOException {
        try {
            return SystemProperties.of(
                    attribute(SystemProperties.RUNTIME, SystemProperties.ATTRIBUTE, deadline), keys);
        } catch (SessionException e) {
            boolean over = !e.kind().equals("LOST") || Failure.of(e.getCause()) == Failure.LOST;
            if (over) {
                throw e;
            }
            return SystemProperties.of(null, keys);
        }
    }

    @Override
    public Object invoke(
            ObjectName name, String operation, Object[] arguments, String[] signature, Deadline deadline)
            throws IOException {
        return within(deadline, () -> calls.invoke(name, operation, arguments, signature));
    }

    private <T> T within(Deadline deadline, Callable<T> call) throws IOException {
        Future<T> answer;
        try {
            answer = threads.submit(call);
        } catch (RejectedExecutionException e) {
            throw new SessionException(SessionException.Kind.DEADLINE, "every call to the target is stuck", e);
        }
        try {
            return answer.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SessionException(SessionException.Kind.DEADLINE, "the target did not answer in time", e);
        } catch (ExecutionException e) {
            throw SessionException.lost(e.getCause());
        } catch (InterruptedException e) {
            throw SessionException.lost(e);
        }
    }

    @Override
    public void describe(List<WatchedMBean> mbeans, Deadline deadline, Sink<MBeanInfo> sink) throws IOException {
        forEach(mbeans, deadline, sink, mbean -> whole(() -> calls.info(mbean.objectName())));
    }

    @Override
    public void read(List<WatchedMBean> mbeans, Deadline deadline, Sink<Object[]> sink) throws IOException {
        forEach(mbeans, deadline, sink, this::values);
    }

    private Object[] values(WatchedMBean mbean) throws IOException, JMException {
        String[] readable = mbean.readable();
        if (readable.length == 0) {
            return mbean.unanswered();
        }
        try {
            ObjectName name = mbean.objectName();
            return Alignment.align(mbean, whole(() -> calls.attributes(name, readable)), ATTRIBUTES);
        } catch (IOException | JMException | RuntimeException e) {
            Failure failure = Failure.of(e);
            if (failure != Failure.UNREADABLE && failure != Failure.BROKEN) {
                throw e;
            }
            return oneByOne(mbean, e);
        }
    }

    /** A call whose answer may break off. */
    private interface Call<T> {
        T answer() throws IOException, JMException;
    }

    /**
     * An answer that is whole. One that breaks off twice does so by what is in it: the target closes a connection
     * when it can't write a value to its end. Where connections end whatever is asked, this throws what ended them.
     */
    private <T> T whole(Call<T> call) throws IOException, JMException {
        try {
            return call.answer();
        } catch (UnmarshalException e) {
            if (!(e.getCause() instanceof EOFException)) {
                throw e;
            }
        }
        try {
            return call.answer();
        } catch (UnmarshalException e) {
            if (!(e.getCause() instanceof EOFException)) {
                throw e;
            }
            calls.attribute(MBeanServerDelegate.DELEGATE_NAME, "MBeanServerId");
            throw (IOException) new InvalidObjectException("the answer breaks off").initCause(e);
        }
    }

    /** Tells good attributes from those that spoil the answer for all; the latter are left out from then on. */
    private Object[] oneByOne(WatchedMBean mbean, Exception whole) throws IOException, JMException {
        String[] wanted = mbean.request.attributes();
        Object[] values = mbean.unanswered();
        ObjectName name = mbean.objectName();
        Set<String> unreadable = new HashSet<>(mbean.unreadable);
        int answered = 0;
        for (int i = 0; i < wanted.length; i++) {
            if (unreadable.contains(wanted[i])) {
                continue;
            }
            try {
                String attribute = wanted[i];
                values[i] = whole(() -> calls.attribute(name, attribute));
                answered++;
            } catch (IOException | JMException | RuntimeException e) {
                Failure failure = Failure.of(e);
                if (failure == Failure.UNREADABLE) {
                    values[i] = Flattener.UNREADABLE;
                    unreadable.add(wanted[i]);
                } else if (failure == Failure.LOST || failure == Failure.GONE) {
                    throw e;
                }
            }
        }
        if (answered == 0 && unreadable.isEmpty()) {
            throw new JMException(whole.toString());
        }
        mbean.unreadable = unreadable;
        return values;
    }

    private <T> void forEach(
            List<WatchedMBean> mbeans, Deadline deadline, Sink<T> sink, StandardRound.Question<T> question)
            throws IOException {
        List<WatchedMBean> askable = sink.askable(mbeans);
        StandardRound<T> round = new StandardRound<>(askable, deadline, sink, question);
        for (int i = 0; i < Math.min(inFlight, askable.size()); i++) {
            try {
                threads.execute(round);
            } catch (RejectedExecutionException e) {
                break; // every thread is held by a stuck call: the round goes on with those it has
            }
        }
        round.await();
    }

    @Override
    public void close(long millis) {
        threads.shutdownNow();
        // Closing is itself a call to the target, which may hang.
        Thread closer = daemon(() -> {
            try {
                calls.close();
            } catch (IOException | RuntimeException e) {
                // the target is gone or hangs: there is nobody left to tell
            }
        });
        closer.start();
        try {
            closer.join(Math.max(1, millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package jmxbridge;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanInfo;
import javax.management.ObjectName;

/**
 * Many calls on few connections: questions are written ahead, answers read as they come.
 *
 * <p>A server reads calls from a buffered stream and answers them in order, so nothing forbids writing the
 * next call before the answer to the last. Bytes in flight stay far below a socket's buffer, so that neither
 * side ever waits for the other to read. A connection whose next answer is late keeps waiting for it on a
 * lane of its own; the questions behind it are asked again on another.
 */
final class PipelinedWire implements Wire {
    private static final int MOST_BYTES_IN_FLIGHT = 24 << 10;
    private static final int MOST_CALLS_IN_FLIGHT = 64;
    private static final int MOST_QUERIES_IN_FLIGHT = 32;
    /** A read that takes longer holds up those behind it. */
    private static final long SLOW_MILLIS = 400;
    /** A question at which this many connections ended is not asked a third time. */
    private static final int MOST_DEATHS = 2;
    /** So many connections may end in one round before the session is taken for lost. */
    private static final int MOST_DEATHS_IN_ROUND = 32;
    /** Late answers keep lanes of their own; so many are waited for at once. */
    private static final int MOST_LATE = 16;
    /** Rounds of so many questions are worth a call that is held open. */
    private static final int MANY = 200;

    private final Wire ordinary;
    private final Stub stub;
    private final LongPoll longPoll;
    private final int lanes;
    private final Channels channels;
    private final Map<List<String>, Jrmp.Form> forms = new HashMap<>();
    private final Jrmp.Form namesForm;
    private final Jrmp.Form infoForm;

    PipelinedWire(Wire ordinary, Stub stub, LongPoll longPoll, int lanes) {
        this.ordinary = ordinary;
        this.stub = stub;
        this.longPoll = longPoll;
        this.lanes = lanes;
        this.channels = new Channels(stub);
        this.namesForm = Jrmp.form(stub.id(), Jrmp.QUERY_NAMES, null, null);
        this.infoForm = Jrmp.form(stub.id(), Jrmp.GET_MBEAN_INFO, (Object) null);
    }

    // -- questions that are few --------------------------------------------------------------------

    @Override
    public List<List<String>> names(List<ObjectName> patterns, Deadline deadline) throws IOException {
        List<List<String>> found = new ArrayList<>();
        while (found.size() < patterns.size()) {
            int end = Math.min(patterns.size(), found.size() + MOST_QUERIES_IN_FLIGHT);
            List<ObjectName> some = patterns.subList(found.size(), end);
            List<List<String>> names = maybeNames(some, deadline);
            found.addAll(names != null ? names : ordinary.names(some, deadline));
        }
        return found;
    }

    /** Null if anything is not as expected: the ordinary way then says what it is. */
    private List<List<String>> maybeNames(List<ObjectName> patterns, Deadline deadline) throws IOException {
        List<List<String>> found = new ArrayList<>();
        Channel channel = null;
        try {
            channel = channels.take(deadline);
            for (ObjectName pattern : patterns) {
                namesForm.write(pattern.getCanonicalName(), channel.unsent());
            }
            channel.flush();
            for (int i = 0; i < patterns.size(); i++) {
                List<String> names = WireValues.maybeNames(channel.answer(deadline.leftMillis(), deadline));
                if (names == null) {
                    return null;
                }
                found.add(names);
            }
        } catch (SocketTimeoutException | Channel.CutOff e) {
            throw new SessionException(SessionException.Kind.DEADLINE, "the target did not answer in time", e);
        } catch (IOException e) {
            return null;
        } finally {
            if (channel != null) {
                channels.give(channel, found.size() == patterns.size());
            }
        }
        return found;
    }

    @Override
    public Set<String> registered(Deadline deadline) throws IOException {
        return ordinary.registered(deadline);
    }

    @Override
    public Object invoke(
            ObjectName name, String operation, Object[] arguments, String[] signature, Deadline deadline)
            throws IOException {
        return ordinary.invoke(name, operation, arguments, signature, deadline);
    }

    @Override
    public Object attribute(ObjectName name, String attribute, Deadline deadline) throws IOException {
        return ordinary.attribute(name, attribute, deadline);
    }

    // -- questions that are many --------------------------------------------------------------------

    @Override
    public void describe(List<WatchedMBean> mbeans, Deadline deadline, Sink<MBeanInfo> sink) throws IOException {
        new Round<MBeanInfo>(mbeans, deadline, sink) {
            @Override
            Jrmp.Form form(WatchedMBean mbean) {
                return infoForm;
            }

            @Override
            MBeanInfo value(WatchedMBean mbean, Object answer) throws JMException {
                return WireInfo.of(answer);
            }

            @Override
            void unreadable(WatchedMBean mbean, IOException error) {
                finish(mbean, null, Failure.UNREADABLE, error);
            }
        }.run();
    }

    @Override
    public void read(List<WatchedMBean> mbeans, Deadline deadline, Sink<Object[]> sink) throws IOException {
        new Round<Object[]>(mbeans, deadline, sink) {
            @Override
            Jrmp.Form form(WatchedMBean mbean) {
                return attributesForm(readable(mbean));
            }

            @Override
            Object[] value(WatchedMBean mbean, Object answer) {
                return align(mbean.request.attributes(), mbean.unanswered(), WireValues.elements(answer));
            }

            @Override
            void unreadable(WatchedMBean mbean, IOException error) {
                oneByOne(mbean, this);
            }
        }.run();
    }

    private static String[] readable(WatchedMBean mbean) {
        String[] wanted = mbean.request.attributes();
        if (mbean.unreadable.isEmpty()) {
            return wanted;
        }
        return Arrays.stream(wanted).filter(name -> !mbean.unreadable.contains(name)).toArray(String[]::new);
    }

    private synchronized Jrmp.Form attributesForm(String[] attributes) {
        return forms.computeIfAbsent(
                List.of(attributes), key -> Jrmp.form(stub.id(), Jrmp.GET_ATTRIBUTES, attributes, null));
    }

    /** Values in the order asked for; answers usually have it already, with failed attributes left out. */
    static Object[] align(String[] wanted, Object[] values, List<Object> answer) {
        int next = 0;
        for (Object element : answer) {
            if (!(element instanceof WireValues.Named attribute) || attribute.name() == null) {
                continue;
            }
            int at = next;
            while (at < wanted.length && !wanted[at].equals(attribute.name())) {
                at++;
            }
            if (at == wanted.length) {
                at = Arrays.asList(wanted).indexOf(attribute.name());
            }
            if (at >= 0) {
                values[at] = plain(attribute.value());
                next = at + 1;
            }
        }
        return values;
    }

    /** What the flattener understands: an object or array whose fields nobody wants is opaque. */
    private static Object plain(Object value) {
        if (value instanceof WireObject object) {
            return WireValues.opaque(object);
        }
        if (value instanceof WireValues.Named || value instanceof WireValues.RowType
                || value instanceof WireValues.TableType || value instanceof WireClass) {
            return new Opaque(value.getClass().getSimpleName(), false);
        }
        return value;
    }

    /** Finds the attributes that end an answer in mid-stream; they are left out from then on. */
    private void oneByOne(WatchedMBean mbean, Round<Object[]> round) {
        String[] wanted = mbean.request.attributes();
        Object[] values = mbean.unanswered();
        Set<String> unreadable = new HashSet<>(mbean.unreadable);
        try {
            for (int i = 0; i < wanted.length; i++) {
                if (!unreadable.contains(wanted[i]) && !one(mbean, wanted, i, values, round.deadline)) {
                    unreadable.add(wanted[i]);
                    values[i] = Flattener.UNREADABLE;
                }
            }
            mbean.unreadable = unreadable;
            round.finish(mbean, values, null, null);
        } catch (SocketTimeoutException | Channel.CutOff e) {
            round.finish(mbean, null, Failure.LATE, e);
        } catch (IOException e) {
            round.lose(e);
        }
    }

    /** Asks for one attribute; false if its value cannot be carried. */
    private boolean one(WatchedMBean mbean, String[] wanted, int i, Object[] values, Deadline deadline) throws IOException {
        Jrmp.Form form = Jrmp.form(stub.id(), Jrmp.GET_ATTRIBUTE, wanted[i], null);
        for (int deaths = 0; deaths < MOST_DEATHS; deaths++) {
            Channel channel = channels.take(deadline);
            boolean good = false;
            try {
                form.write(mbean.name, channel.unsent());
                channel.flush();
                Object answer = channel.answer(deadline.leftMillis(), deadline);
                values[i] = answer instanceof Channel.Thrown ? Flattener.ABSENT : plain(answer);
                good = true;
                return true;
            } catch (SocketTimeoutException | Channel.CutOff e) {
                throw e;
            } catch (WireReader.Aborted | WireException e) {
                return false;
            } catch (IOException e) {
                // the connection may have ended by itself: once more
            } finally {
                channels.give(channel, good);
            }
        }
        return false;
    }

    /** One question to each of many MBeans. */
    private abstract class Round<T> {
        final Deadline deadline;
        private final Sink<T> sink;
        private final ArrayDeque<WatchedMBean> waiting;
        private final Map<WatchedMBean, Integer> deaths = new HashMap<>();
        private final Set<WatchedMBean> open = new HashSet<>();
        private int deathsInAll;
        private int running;
        private int late;
        private IOException lost;
        private boolean over;

        Round(List<WatchedMBean> mbeans, Deadline deadline, Sink<T> sink) {
            this.deadline = deadline;
            this.sink = sink;
            this.waiting = new ArrayDeque<>(mbeans.size());
            for (WatchedMBean mbean : mbeans) {
                if (mbean.resting()) {
                    sink.failed(mbean, Failure.RESTING, null);
                } else if (mbean.busy) {
                    sink.failed(mbean, Failure.LATE, null);
                } else {
                    waiting.add(mbean);
                    open.add(mbean);
                }
            }
        }

        abstract Jrmp.Form form(WatchedMBean mbean);

        abstract T value(WatchedMBean mbean, Object answer) throws JMException;

        /** An answer that broke off in the middle: its own fault, not the connection's. */
        abstract void unreadable(WatchedMBean mbean, IOException error);

        void run() throws IOException {
            boolean many = open.size() > MANY;
            if (many) {
                longPoll.begin();
            }
            try {
                ask();
            } finally {
                if (many) {
                    longPoll.end();
                }
            }
        }

        private void ask() throws IOException {
            int wanted = Math.min(lanes, 1 + open.size() / MOST_CALLS_IN_FLIGHT);
            synchronized (this) {
                for (int i = 0; i < wanted; i++) {
                    start();
                }
                try {
                    while (!open.isEmpty() && lost == null && running > 0 && !deadline.passed()) {
                        wait(Math.max(1, deadline.leftMillis()));
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
                    pipe();
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

        private synchronized WatchedMBean next() {
            return over ? null : waiting.poll();
        }

        synchronized void lose(IOException error) {
            lost = error;
            notifyAll();
        }

        synchronized void finish(WatchedMBean mbean, T answer, Failure failure, Throwable error) {
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

        /** Uses one connection for as long as it is good and there is something to ask. */
        private void pipe() throws IOException {
            Channel channel = channels.take(deadline);
            ArrayDeque<WatchedMBean> asked = new ArrayDeque<>();
            boolean good = false;
            try {
                good = converse(channel, asked);
            } catch (SocketTimeoutException | Channel.CutOff e) {
                finish(asked.poll(), null, Failure.LATE, e);
            } catch (WireReader.Aborted e) {
                unreadable(asked.poll(), e);
            } catch (WireException e) {
                refuse(asked.poll(), e);
            } catch (IOException e) {
                died(asked, e);
            } finally {
                again(asked);
                channels.give(channel, good);
            }
        }

        /** Whether the channel is as good as new afterwards; what has no answer yet stays in *asked*. */
        private boolean converse(Channel channel, ArrayDeque<WatchedMBean> asked) throws IOException {
            int bytes = 0;
            while (true) {
                bytes = fill(channel, asked, bytes);
                WatchedMBean head = asked.peek();
                if (head == null) {
                    return true;
                }
                Object answer;
                try {
                    answer = channel.answer(Math.min(SLOW_MILLIS, deadline.leftMillis()), deadline);
                } catch (SocketTimeoutException e) {
                    answer = waitFor(channel, asked);
                    settle(asked.poll(), answer);
                    return false;
                }
                asked.poll();
                bytes -= cost(head);
                settle(head, answer);
            }
        }

        /** Waits for an answer that is late; others take over what was asked behind it. */
        private Object waitFor(Channel channel, ArrayDeque<WatchedMBean> asked) throws IOException {
            WatchedMBean slow = asked.poll();
            slow.busy = true;
            again(asked);
            asked.add(slow);
            synchronized (this) {
                if (!waiting.isEmpty() && !over && late < MOST_LATE) {
                    start();
                }
                late++;
            }
            try {
                return channel.answer(deadline.leftMillis(), deadline);
            } finally {
                synchronized (this) {
                    late--;
                }
            }
        }

        private int cost(WatchedMBean mbean) {
            return form(mbean).size() + mbean.name.length() + 3;
        }

        private int fill(Channel channel, ArrayDeque<WatchedMBean> asked, int bytes) throws IOException {
            // Written in batches: filling up after every answer would send a packet for each.
            if (asked.size() > MOST_CALLS_IN_FLIGHT / 2 || bytes > MOST_BYTES_IN_FLIGHT / 2) {
                return bytes;
            }
            int total = bytes;
            while (asked.size() < MOST_CALLS_IN_FLIGHT && total < MOST_BYTES_IN_FLIGHT) {
                WatchedMBean mbean = next();
                if (mbean == null) {
                    break;
                }
                form(mbean).write(mbean.name, channel.unsent());
                total += cost(mbean);
                asked.add(mbean);
            }
            channel.flush();
            return total;
        }

        private void settle(WatchedMBean mbean, Object answer) {
            if (answer instanceof Channel.Thrown thrown) {
                if (thrown.is("java.rmi.NoSuchObjectException")) {
                    lose(new IOException("the target restarted: " + thrown));
                } else if (thrown.is("javax.management.InstanceNotFoundException")) {
                    finish(mbean, null, Failure.GONE, new InstanceNotFoundException(thrown.toString()));
                } else if (thrown.is("java.rmi.MarshalException") || thrown.is("java.rmi.ServerException")) {
                    unreadable(mbean, new IOException(thrown.toString()));
                } else {
                    finish(mbean, null, Failure.BROKEN, new JMException(thrown.toString()));
                }
                return;
            }
            try {
                finish(mbean, value(mbean, answer), null, null);
            } catch (JMException | RuntimeException e) {
                finish(mbean, null, Failure.BROKEN, e);
            }
        }

        private synchronized void again(ArrayDeque<WatchedMBean> asked) {
            while (!asked.isEmpty()) {
                waiting.addFirst(asked.pollLast());
            }
        }

        /** Its answer is more than we take, or is no answer. */
        private void refuse(WatchedMBean mbean, IOException error) {
            if (mbean != null) {
                mbean.lapse();
                finish(mbean, null, Failure.BROKEN, error);
            }
        }

        /** The connection ended with questions open: they are asked again, but not for ever. */
        private void died(ArrayDeque<WatchedMBean> asked, IOException error) throws IOException {
            WatchedMBean head = asked.peek();
            boolean hopeless;
            synchronized (this) {
                if (++deathsInAll > MOST_DEATHS_IN_ROUND) {
                    throw error;
                }
                hopeless = head != null && deaths.merge(head, 1, Integer::sum) >= MOST_DEATHS;
            }
            if (hopeless) {
                unreadable(asked.poll(), error);
            }
        }
    }

    @Override
    public void close(long millis) {
        channels.close();
        ordinary.close(millis);
    }
}

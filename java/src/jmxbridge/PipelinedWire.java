package jmxbridge;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanInfo;
import javax.management.MBeanServerDelegate;
import javax.management.ObjectName;

/**
 * Many calls on few connections: questions are written ahead, answers read as they come.
 *
 * <p>A server reads calls from a buffered stream and answers them in order, so nothing forbids writing the
 * next call before the answer to the last. {@link PipelinedRound} shares a round's questions out to {@link
 * Lane}s; here is what is asked. What is rarely asked goes the ordinary way.
 */
final class PipelinedWire implements Wire {
    private static final int MOST_QUERIES_IN_FLIGHT = 32;
    /** Rounds of so many questions are worth a call that is held open. */
    private static final int MANY = 200;

    private final Wire ordinary;
    private final Stub stub;
    private final LongPoll longPoll;
    private final int lanes;
    private final Channels channels;
    private final Map<List<String>, Jrmp.Form> forms = new HashMap<>();
    private final Map<String, Jrmp.Form> loneForms = new HashMap<>();
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

    @Override
    public List<String> properties(List<String> keys, Deadline deadline) throws IOException {
        Object answer = properties(keys, Set.of(), deadline);
        Set<Integer> withheld = SystemProperties.withheld(answer, keys);
        return SystemProperties.of(withheld.isEmpty() ? answer : properties(keys, withheld, deadline), keys);
    }

    /** The table of properties, of whose texts only those that belong to *keys* are there; null: not for us. */
    private Object properties(List<String> keys, Set<Integer> handles, Deadline deadline) throws IOException {
        Channel channel = channels.take(deadline);
        boolean good = false;
        try {
            Jrmp.Form form = Jrmp.form(stub.id(), Jrmp.GET_ATTRIBUTE, SystemProperties.ATTRIBUTE, null);
            form.write(SystemProperties.RUNTIME.getCanonicalName(), channel.unsent());
            channel.flush();
            Object answer = channel.answer(Withholding.allBut(keys, handles), deadline);
            good = true;
            if (answer instanceof Channel.Thrown thrown && thrown.is("java.rmi.NoSuchObjectException")) {
                throw new SessionException(SessionException.Kind.LOST, "the target restarted: " + thrown, null);
            }
            return answer;
        } catch (SocketTimeoutException | Channel.CutOff e) {
            throw new SessionException(SessionException.Kind.DEADLINE, "the target did not answer in time", e);
        } catch (WireReader.Aborted | WireException e) {
            return null;
        } catch (IOException e) {
            throw SessionException.lost(e);
        } finally {
            channels.give(channel, good);
        }
    }

    // -- questions that are many --------------------------------------------------------------------

    @Override
    public void describe(List<WatchedMBean> mbeans, Deadline deadline, Sink<MBeanInfo> sink) throws IOException {
        ask(new Descriptions(), mbeans, deadline, sink);
    }

    @Override
    public void read(List<WatchedMBean> mbeans, Deadline deadline, Sink<Object[]> sink) throws IOException {
        ask(new Values(), mbeans, deadline, sink);
    }

    private <T> void ask(
            PipelinedRound.Question<T> question, List<WatchedMBean> mbeans, Deadline deadline, Sink<T> sink)
            throws IOException {
        List<WatchedMBean> askable = sink.askable(mbeans);
        boolean many = askable.size() > MANY;
        if (many) {
            longPoll.begin();
        }
        try {
            new PipelinedRound<>(question, askable, channels, deadline, sink).run(lanes);
        } finally {
            if (many) {
                longPoll.end();
            }
        }
    }

    /** What attributes an MBean has. */
    private final class Descriptions implements PipelinedRound.Question<MBeanInfo> {
        @Override
        public Jrmp.Form form(WatchedMBean mbean) {
            return infoForm;
        }

        @Override
        public MBeanInfo value(WatchedMBean mbean, Object answer) throws JMException {
            return WireInfo.of(answer);
        }

        @Override
        public MBeanInfo maybeRecover(WatchedMBean mbean, Deadline deadline) throws IOException {
            checkThatItAnswers(deadline);
            return null;
        }
    }

    /** The values of the attributes that an MBean is asked for. */
    private final class Values implements PipelinedRound.Question<Object[]> {
        @Override
        public Jrmp.Form form(WatchedMBean mbean) {
            return mbean.alone() ? attributeForm(mbean.request.attributes()[0]) : attributesForm(mbean.readable());
        }

        @Override
        public Object[] value(WatchedMBean mbean, Object answer) throws JMException {
            if (answer == null) {
                throw new JMException("the MBean gave no value, or no list of them");
            }
            if (mbean.alone()) {
                return new Object[] {WireValues.plain(answer)};
            }
            return Alignment.align(mbean, WireValues.elements(answer), WireValues.ATTRIBUTES);
        }

        /**
         * Asks for a list instead of a lone attribute, or else one by one. Attributes that end an answer in
         * mid-stream are left out from then on.
         */
        @Override
        public Object[] maybeRecover(WatchedMBean mbean, Deadline deadline) throws IOException {
            if (mbean.alone()) {
                mbean.byList = true;
                if (answer(attributesForm(mbean.readable()), mbean, deadline) instanceof WireObject list) {
                    return Alignment.align(mbean, WireValues.elements(list), WireValues.ATTRIBUTES);
                }
            }
            Object[] values = oneByOne(mbean, deadline);
            boolean any = Stream.of(values).anyMatch(value -> value != Flattener.ABSENT);
            return any ? values : null;
        }

        private Object[] oneByOne(WatchedMBean mbean, Deadline deadline) throws IOException {
            String[] wanted = mbean.request.attributes();
            Object[] values = mbean.unanswered();
            Set<String> unreadable = new HashSet<>(mbean.unreadable);
            for (int i = 0; i < wanted.length; i++) {
                if (!unreadable.contains(wanted[i])) {
                    Object answer = answer(attributeForm(wanted[i]), mbean, deadline);
                    values[i] = answer instanceof Channel.Thrown ? Flattener.ABSENT : WireValues.plain(answer);
                    if (values[i] == Flattener.UNREADABLE) {
                        unreadable.add(wanted[i]);
                    }
                }
            }
            mbean.unreadable = unreadable;
            return values;
        }
    }

    private synchronized Jrmp.Form attributesForm(String[] attributes) {
        return forms.computeIfAbsent(
                List.of(attributes), key -> Jrmp.form(stub.id(), Jrmp.GET_ATTRIBUTES, attributes, null));
    }

    private synchronized Jrmp.Form attributeForm(String attribute) {
        return loneForms.computeIfAbsent(
                attribute, name -> Jrmp.form(stub.id(), Jrmp.GET_ATTRIBUTE, name, null));
    }

    /** The answer to a question asked by itself, or what it threw; UNREADABLE if it can't be carried. */
    private Object answer(Jrmp.Form form, WatchedMBean mbean, Deadline deadline) throws IOException {
        for (int deaths = 0; deaths < PipelinedRound.MOST_DEATHS; deaths++) {
            Channel channel = channels.take(deadline);
            boolean good = false;
            try {
                form.write(mbean.name, channel.unsent());
                channel.flush();
                Object answer = channel.answer(deadline.leftMillis(), deadline);
                good = true;
                return answer;
            } catch (SocketTimeoutException | Channel.CutOff e) {
                throw e;
            } catch (WireReader.Aborted | WireException e) {
                return Flattener.UNREADABLE;
            } catch (IOException e) {
                // the connection may have ended by itself: once more
            } finally {
                channels.give(channel, good);
            }
        }
        checkThatItAnswers(deadline);
        return Flattener.UNREADABLE;
    }

    /** Throws if connections end whatever is asked, so that it is nobody's value that ends them. */
    private void checkThatItAnswers(Deadline deadline) throws IOException {
        Channel channel = channels.take(deadline);
        boolean good = false;
        try {
            Jrmp.Form form = Jrmp.form(stub.id(), Jrmp.GET_ATTRIBUTE, "MBeanServerId", null);
            form.write(MBeanServerDelegate.DELEGATE_NAME.getCanonicalName(), channel.unsent());
            channel.flush();
            channel.answer(deadline.leftMillis(), deadline);
            good = true;
        } finally {
            channels.give(channel, good);
        }
    }

    @Override
    public void close(long millis) {
        channels.close();
        ordinary.close(millis);
    }
}

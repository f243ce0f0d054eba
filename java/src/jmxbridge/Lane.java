package jmxbridge;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;

/**
 * One connection's part in a round: writes questions ahead and reads their answers in the same order.
 *
 * <p>Bytes in flight stay far below a socket's buffer, so that neither side ever waits for the other to read.
 * An answer that is late keeps the lane; the questions behind it are asked again on another.
 */
final class Lane<T> {
    static final int MOST_CALLS_IN_FLIGHT = 64;
    private static final int MOST_BYTES_IN_FLIGHT = 24 << 10;

    private final PipelinedRound<T> round;
    private final PipelinedRound.Question<T> question;
    private final Channels channels;
    private final Deadline deadline;
    /** The MBeans whose answers are to come, in that order. */
    private final ArrayDeque<WatchedMBean> asked = new ArrayDeque<>();
    private int bytesInFlight;

    Lane(PipelinedRound<T> round, PipelinedRound.Question<T> question, Channels channels, Deadline deadline) {
        this.round = round;
        this.question = question;
        this.channels = channels;
        this.deadline = deadline;
    }

    /** Uses one connection for as long as it is good and there is something to ask. */
    void run() throws IOException {
        Channel channel = channels.take(deadline);
        boolean good = false;
        try {
            good = converse(channel);
        } catch (SocketTimeoutException | Channel.CutOff e) {
            round.failed(asked.poll(), Failure.LATE, e);
        } catch (WireReader.Aborted e) {
            recover(asked.poll(), Failure.UNREADABLE, e);
        } catch (WireException e) {
            refuse(asked.poll(), e);
        } catch (IOException e) {
            if (round.hopeless(asked.peek(), e)) {
                recover(asked.poll(), Failure.UNREADABLE, e);
                round.forgive();
            }
        } finally {
            round.again(asked);
            channels.give(channel, good);
        }
    }

    /** Whether the channel is as good as new afterwards; what has no answer yet stays in *asked*. */
    private boolean converse(Channel channel) throws IOException {
        while (true) {
            fill(channel);
            WatchedMBean head = asked.peek();
            if (head == null) {
                return true;
            }
            head.asked(true);
            Object answer;
            try {
                answer = channel.answer(Math.min(round.patience, deadline.leftMillis()), deadline);
            } catch (SocketTimeoutException e) {
                if (deadline.leftMillis() == 0) {
                    throw e;
                }
                answer = waitFor(channel);
                settle(asked.poll(), answer);
                return false;
            }
            asked.poll();
            bytesInFlight -= cost(head);
            settle(head, answer);
        }
    }

    /** Waits for an answer that is late; others take over what was asked behind it. */
    private Object waitFor(Channel channel) throws IOException {
        WatchedMBean slow = asked.poll();
        slow.busy = true;
        round.again(asked);
        asked.add(slow);
        round.lateBegins();
        try {
            return channel.answer(deadline.leftMillis(), deadline);
        } finally {
            round.lateEnds();
        }
    }

    private void fill(Channel channel) throws IOException {
        // Written in batches: filling up after every answer would send a packet for each.
        if (asked.size() > MOST_CALLS_IN_FLIGHT / 2 || bytesInFlight > MOST_BYTES_IN_FLIGHT / 2) {
            return;
        }
        while (asked.size() < MOST_CALLS_IN_FLIGHT && bytesInFlight < MOST_BYTES_IN_FLIGHT) {
            WatchedMBean mbean = round.maybeNext();
            if (mbean == null) {
                break;
            }
            question.form(mbean).write(mbean.name, channel.unsent());
            bytesInFlight += cost(mbean);
            mbean.asked(false);
            asked.add(mbean);
        }
        channel.flush();
    }

    private int cost(WatchedMBean mbean) {
        return question.form(mbean).size() + mbean.name.length() + 3;
    }

    private void settle(WatchedMBean mbean, Object answer) {
        if (answer instanceof Channel.Thrown thrown) {
            settleThrown(mbean, thrown);
            return;
        }
        try {
            round.answered(mbean, question.value(mbean, answer));
        } catch (JMException e) {
            recover(mbean, Failure.BROKEN, e);
        } catch (RuntimeException e) {
            round.failed(mbean, Failure.BROKEN, e);
        }
    }

    private void settleThrown(WatchedMBean mbean, Channel.Thrown thrown) {
        if (thrown.is("java.rmi.NoSuchObjectException")) {
            round.lose(new IOException("the target restarted: " + thrown));
        } else if (thrown.is("javax.management.InstanceNotFoundException")) {
            round.failed(mbean, Failure.GONE, new InstanceNotFoundException(thrown.toString()));
        } else {
            // One attribute of many may have failed this way.
            recover(mbean, Failure.BROKEN, new JMException(thrown.toString()));
        }
    }

    /** An answer that is lost by its own fault, not the connection's; *failure* if nothing of it can be had. */
    private void recover(WatchedMBean mbean, Failure failure, Exception error) {
        try {
            T answer = question.maybeRecover(mbean, deadline);
            if (answer == null) {
                round.failed(mbean, failure, error);
            } else {
                round.answered(mbean, answer);
            }
        } catch (SocketTimeoutException | Channel.CutOff e) {
            round.failed(mbean, Failure.LATE, e);
        } catch (IOException e) {
            round.lose(e);
        }
    }

    /** Its answer is more than we take, or is no answer. */
    private void refuse(WatchedMBean mbean, IOException error) {
        if (mbean != null) {
            mbean.lapse();
            round.failed(mbean, Failure.BROKEN, error);
        }
    }
}

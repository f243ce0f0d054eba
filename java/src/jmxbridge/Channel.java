package jmxbridge;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.rmi.server.RMIClientSocketFactory;

/** One connection on which calls are written ahead of their answers, which come in the same order. */
final class Channel implements Closeable {
    /** No answer may be larger; one that is ends the connection. */
    private static final long MOST_BYTES = 32L << 20;

    private final Socket socket;
    private final OutputStream out;
    private final WireInput in;
    private final WireReader reader;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream(1 << 15);
    private long lastUse = System.nanoTime();

    private Channel(Socket socket, StringCache strings, LargeAnswers large) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.in = new WireInput(socket.getInputStream(), strings, large);
        this.reader = new WireReader(in);
    }

    /** Connects to where *stub* points; *factory* opens the socket. */
    static Channel open(
            Stub stub, RMIClientSocketFactory factory, StringCache strings, LargeAnswers large, Deadline deadline)
            throws IOException {
        Socket socket = factory.createSocket(stub.host(), stub.port());
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeout(deadline));
            Channel channel = new Channel(socket, strings, large);
            Jrmp.greet(socket, channel.out, channel.in, deadline);
            return channel;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static int timeout(Deadline deadline) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, deadline.leftMillis()));
    }

    /** Where the bytes of further calls go until {@link #flush}. */
    ByteArrayOutputStream unsent() {
        return unsent;
    }

    void flush() throws IOException {
        if (unsent.size() > 0) {
            unsent.writeTo(out);
            out.flush();
            unsent.reset();
        }
    }

    /** The deadline passed in the middle of an answer. */
    static final class CutOff extends IOException {
        private static final long serialVersionUID = 1L;

        CutOff() {
            super("the rest of an answer did not come in time");
        }
    }

    /**
     * The next answer: what the method returned, or the {@link Thrown} that it threw.
     *
     * <p>One that is large keeps its turn ({@link LargeAnswers}) until the next is asked for or the channel is
     * given back, so until its values are taken.
     *
     * <p>Throws SocketTimeoutException if nothing of it came within *millis*; the channel is still good then.
     */
    Object answer(long millis, Deadline deadline) throws IOException {
        in.allow(MOST_BYTES, deadline);
        int message;
        if (in.buffered()) {
            message = in.u1();
        } else {
            socket.setSoTimeout((int) Math.max(1, Math.min(Integer.MAX_VALUE, millis)));
            message = in.u1();
            socket.setSoTimeout(timeout(deadline));
        }
        boolean good = false;
        try {
            Object object = content(message);
            good = !(object instanceof Thrown);
            return object;
        } catch (SocketTimeoutException e) {
            throw new CutOff();
        } finally {
            if (!good) {
                // It may be asked for in another way, over another channel, before this one is given back.
                in.release();
            }
        }
    }

    /** The last answer's values were taken. */
    void release() {
        in.release();
    }

    /** As the other; of its strings only those are taken that *taken* tells, and no trace of others is left. */
    Object answer(Withholding taken, Deadline deadline) throws IOException {
        reader.withhold(taken);
        try {
            return answer(deadline.leftMillis(), deadline);
        } finally {
            reader.withhold(null);
            in.wipe();
        }
    }

    private Object content(int message) throws IOException {
        if (message != Jrmp.RETURN) {
            throw new WireException("an answer was expected, not " + Integer.toHexString(message));
        }
        reader.begin();
        if (reader.block() < 1) {
            throw new WireException("an answer without its kind");
        }
        int kind = in.u1();
        in.skip(14); // the answer's own identifier, of use only to distributed garbage collection
        Object object = reader.object();
        reader.end();
        lastUse = System.nanoTime();
        return kind == Jrmp.NORMAL_RETURN ? object : new Thrown(object);
    }

    /** What a call threw at the target. */
    record Thrown(Object error) {
        boolean is(String type) {
            return error instanceof WireObject object && object.type.is(type);
        }

        @Override
        public String toString() {
            return WireReader.thrown(error);
        }
    }

    long idleNanos() {
        return System.nanoTime() - lastUse;
    }

    /** Whether the other side has closed it or sent what nobody asked for, as far as can be told without a question. */
    boolean stale() {
        try {
            return socket.isClosed() || in.buffered() || socket.getInputStream().available() > 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}

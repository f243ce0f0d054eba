package jmxbridge;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes of a connection, as the serialization protocol spells numbers and strings.
 *
 * <p>Every byte taken counts against a budget that is set for each answer, so that no length that a target
 * sends can make us read or keep more than that.
 */
final class WireInput {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long budget;
    private Deadline deadline;
    private final StringCache strings;
    private final LargeAnswers large;
    /** With less budget left the answer is a large one. */
    private long smallUntil;
    private boolean hasTurn;

    /**
     * @param strings where strings that come again and again are kept
     * @param large whose turn it is to read a large answer
     */
    WireInput(InputStream in, StringCache strings, LargeAnswers large) {
        this.in = in;
        this.strings = strings;
        this.large = large;
    }

    /** Begins an answer of at most *bytes*; they are here by the deadline even if they come one by one. */
    void allow(long bytes, Deadline deadline) {
        release();
        this.budget = bytes;
        this.smallUntil = bytes - LargeAnswers.SMALL;
        this.deadline = deadline;
    }

    /** What was read last is kept no more, so others may read large answers. */
    void release() {
        if (hasTurn) {
            hasTurn = false;
            large.end();
        }
    }

    /** Whether bytes have come that were not taken yet. */
    boolean buffered() {
        return position < limit;
    }

    private void need(int count) throws IOException {
        if (limit - position >= count) {
            return;
        }
        System.arraycopy(buffer, position, buffer, 0, limit - position);
        limit -= position;
        position = 0;
        while (limit < count) {
            int read = in.read(buffer, limit, buffer.length - limit);
            if (read < 0) {
                throw new EOFException("the target closed the connection");
            }
            limit += read;
            // Also where no more is needed now: who sends one byte at a time could go on for ever.
            if (deadline.passed()) {
                throw new SocketTimeoutException("the target answers too slowly");
            }
        }
    }

    private int take(int count) throws IOException {
        budget -= count;
        if (budget < 0) {
            throw new WireException("an answer is larger than allowed");
        }
        if (budget < smallUntil && !hasTurn) {
            large.begin(deadline);
            hasTurn = true;
        }
        need(count);
        int at = position;
        position += count;
        return at;
    }

    int u1() throws IOException {
        int at = take(1);
        return buffer[at] & 0xff;
    }

    int u2() throws IOException {
        int at = take(2);
        return (buffer[at] & 0xff) << 8 | (buffer[at + 1] & 0xff);
    }

    int i4() throws IOException {
        int at = take(4);
        return (buffer[at] & 0xff) << 24
                | (buffer[at + 1] & 0xff) << 16
                | (buffer[at + 2] & 0xff) << 8
                | (buffer[at + 3] & 0xff);
    }

    long i8() throws IOException {
        return (long) i4() << 32 | (i4() & 0xffffffffL);
    }

    void skip(long count) throws IOException {
        if (count < 0 || count > budget) {
            throw new WireException("a length is larger than allowed");
        }
        for (long left = count; left > 0; ) {
            int part = (int) Math.min(left, 4096);
            take(part);
            left -= part;
        }
    }

    byte[] bytes(int count) throws IOException {
        if (count < 0 || count > budget) {
            throw new WireException("a length is larger than allowed");
        }
        byte[] bytes = new byte[count];
        for (int done = 0; done < count; ) {
            int part = Math.min(count - done, 4096);
            int at = take(part);
            System.arraycopy(buffer, at, bytes, done, part);
            done += part;
        }
        return bytes;
    }

    /** A string in modified UTF-8 with its length in two bytes before it. */
    String utf() throws IOException {
        int length = u2();
        if (length > buffer.length / 2) {
            return decode(bytes(length), 0, length);
        }
        int at = take(length);
        String known = strings.maybeFind(buffer, at, length);
        return known != null ? known : decode(buffer, at, length);
    }

    /** One of *texts*, all ASCII; null if what comes is none of them, which is then skipped. */
    String maybeUtf(List<String> texts) throws IOException {
        int length = u2();
        for (String text : texts) {
            if (text.length() == length) {
                need(length);
                byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
                if (Arrays.equals(buffer, position, position + length, bytes, 0, length)) {
                    skip(length);
                    return text;
                }
            }
        }
        skip(length);
        return null;
    }

    /** Leaves nothing of what was taken. */
    void wipe() {
        Arrays.fill(buffer, 0, position, (byte) 0);
        Arrays.fill(buffer, limit, buffer.length, (byte) 0);
    }

    /** A string with its length in eight bytes before it; one that is too long to matter is cut. */
    String longUtf(int most) throws IOException {
        long length = i8();
        if (length < 0 || length > budget) {
            throw new WireException("a length is larger than allowed");
        }
        int kept = (int) Math.min(length, most);
        byte[] bytes = bytes(kept);
        skip(length - kept);
        return decode(bytes, 0, kept);
    }

    private static String decode(byte[] bytes, int at, int length) {
        for (int i = at; i < at + length; i++) {
            if (bytes[i] <= 0) {
                return decodeModified(bytes, at, length);
            }
        }
        return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
    }

    /** Modified UTF-8: NUL in two bytes, surrogates one by one; what is malformed becomes U+FFFD. */
    private static String decodeModified(byte[] bytes, int at, int length) {
        StringBuilder text = new StringBuilder(length);
        int end = at + length;
        for (int i = at; i < end; ) {
            int first = bytes[i++] & 0xff;
            int more = first < 0x80 ? 0 : first >> 5 == 0b110 ? 1 : first >> 4 == 0b1110 ? 2 : -1;
            if (more < 0 || i + more > end) {
                text.append('\uFFFD');
                continue;
            }
            int unit = more == 0 ? first : first & 0x3f >> more;
            for (int j = 0; j < more; j++) {
                unit = unit << 6 | bytes[i++] & 0x3f;
            }
            text.append((char) unit);
        }
        return text.toString();
    }
}

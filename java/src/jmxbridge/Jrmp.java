package jmxbridge;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.management.ObjectName;

/**
 * The messages of RMI's wire protocol that a JMX client needs: what a call looks like in bytes.
 *
 * <p>As the RMI specification defines it: a call is the byte 0x50 and a serialization stream of its own, with
 * the object's number, −1, the method's hash, and the arguments. A call for an MBean differs from those for
 * others only in its name, so its bytes are put together from what stands before the name and what behind.
 */
final class Jrmp {
    static final int CALL = 0x50;
    static final int RETURN = 0x51;
    static final int NORMAL_RETURN = 1;

    private static final int MAGIC = 0x4a524d49;
    private static final int VERSION = 2;
    private static final int STREAM_PROTOCOL = 0x4b;
    private static final int PROTOCOL_ACK = 0x4e;

    private static final String SUBJECT = "Ljavax/security/auth/Subject;";
    private static final String NAME = "Ljavax/management/ObjectName;";
    static final long GET_ATTRIBUTES =
            hash("getAttributes(" + NAME + "[Ljava/lang/String;" + SUBJECT + ")Ljavax/management/AttributeList;");
    static final long GET_ATTRIBUTE =
            hash("getAttribute(" + NAME + "Ljava/lang/String;" + SUBJECT + ")Ljava/lang/Object;");
    static final long QUERY_NAMES =
            hash("queryNames(" + NAME + "Ljava/rmi/MarshalledObject;" + SUBJECT + ")Ljava/util/Set;");
    static final long GET_VERSION = hash("getVersion()Ljava/lang/String;");
    static final long GET_MBEAN_INFO = hash("getMBeanInfo(" + NAME + SUBJECT + ")Ljavax/management/MBeanInfo;");

    private Jrmp() {}

    /** The first eight bytes of the SHA-1 of a method's name and descriptor, the least significant first. */
    private static long hash(String method) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA");
            OutputStream digested = new DigestOutputStream(OutputStream.nullOutputStream(), sha);
            try (DataOutputStream out = new DataOutputStream(digested)) {
                out.writeUTF(method);
            }
            byte[] digest = sha.digest();
            long hash = 0;
            for (int i = Long.BYTES - 1; i >= 0; i--) {
                hash = hash << 8 | digest[i] & 0xff;
            }
            return hash;
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Greets the server and waits for its greeting. */
    static void greet(Socket socket, OutputStream out, WireInput in, Deadline deadline) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(MAGIC);
        data.writeShort(VERSION);
        data.writeByte(STREAM_PROTOCOL);
        data.flush();
        in.allow(1 << 16, deadline);
        if (in.u1() != PROTOCOL_ACK) {
            throw new WireException("it does not speak RMI");
        }
        in.utf(); // our address as the server sees it
        in.i4();
        data.writeUTF(socket.getLocalAddress().getHostAddress());
        data.writeInt(0);
        data.flush();
    }

    /** The bytes of a call before and behind an ObjectName's text. */
    record Form(byte[] before, byte[] behind) {

        void write(String name, ByteArrayOutputStream out) {
            byte[] text = utf(name);
            out.writeBytes(before);
            out.writeBytes(text);
            out.writeBytes(behind);
        }

        int size() {
            return before.length + behind.length;
        }
    }

    /** The form of a call with an ObjectName as its first argument and *more* behind it. */
    static Form form(byte[] objectId, long method, Object... more) {
        try {
            ObjectName sample = new ObjectName("d:k=v");
            byte[] text = utf(sample.getCanonicalName());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(CALL);
            try (Marshal out = new Marshal(bytes)) {
                out.write(objectId);
                out.writeInt(-1);
                out.writeLong(method);
                out.writeObject(sample);
                for (Object argument : more) {
                    out.writeObject(argument);
                }
            }
            byte[] whole = bytes.toByteArray();
            int at = indexOf(whole, text);
            byte[] before = java.util.Arrays.copyOf(whole, at);
            return new Form(before, java.util.Arrays.copyOfRange(whole, at + text.length, whole.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (javax.management.MalformedObjectNameException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The bytes of a call without arguments. */
    static byte[] call(byte[] objectId, long method) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(CALL);
        try (Marshal out = new Marshal(bytes)) {
            out.write(objectId);
            out.writeInt(-1);
            out.writeLong(method);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int indexOf(byte[] whole, byte[] part) {
        for (int at = 0; ; at++) {
            if (java.util.Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
    }

    /** Modified UTF-8 with its tag and length, as a stream spells a string. */
    private static byte[] utf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // Half of a surrogate pair is not in UTF-8, and becomes "?" there.
        if (text.indexOf('\0') >= 0 || !new String(bytes, StandardCharsets.ISO_8859_1).equals(text)) {
            bytes = modified(text);
        }
        byte[] whole;
        int at;
        if (bytes.length > 0xffff) {
            whole = new byte[bytes.length + 9];
            whole[0] = 0x7c;
            for (int i = 0; i < 4; i++) {
                whole[5 + i] = (byte) (bytes.length >> 8 * (3 - i));
            }
            at = 9;
        } else {
            whole = new byte[bytes.length + 3];
            whole[0] = 0x74;
            whole[1] = (byte) (bytes.length >> 8);
            whole[2] = (byte) bytes.length;
            at = 3;
        }
        System.arraycopy(bytes, 0, whole, at, bytes.length);
        return whole;
    }

    private static byte[] modified(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
        text.chars().forEach(unit -> {
            if (unit > 0 && unit < 0x80) {
                bytes.write(unit);
            } else if (unit < 0x800) {
                bytes.write(0xc0 | unit >> 6);
                bytes.write(0x80 | unit & 0x3f);
            } else {
                bytes.write(0xe0 | unit >> 12);
                bytes.write(0x80 | unit >> 6 & 0x3f);
                bytes.write(0x80 | unit & 0x3f);
            }
        });
        return bytes.toByteArray();
    }

    /** RMI's dialect of serialization: no class is annotated with where to find it. */
    private static final class Marshal extends ObjectOutputStream {
        Marshal(OutputStream out) throws IOException {
            super(out);
            useProtocolVersion(PROTOCOL_VERSION_2);
        }

        @Override
        protected void annotateClass(Class<?> type) throws IOException {
            writeObject(null);
        }

        @Override
        protected void annotateProxyClass(Class<?> type) throws IOException {
            writeObject(null);
        }
    }
}

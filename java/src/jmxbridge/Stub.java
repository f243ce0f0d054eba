package jmxbridge;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.rmi.Remote;

/**
 * What a remote stub refers to, read from its serialized form.
 *
 * <p>RemoteObject's documentation defines that form: the name of the reference's class, then for UnicastRef
 * host and port, for UnicastRef2 a format byte before them. There is no public accessor.
 */
record Stub(String host, int port) {

    /** Null when the stub's reference is of another kind. */
    static Stub read(Remote stub) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(stub);
        }
        byte[] form = bytes.toByteArray();
        Stub plain = after(form, "UnicastRef", 0);
        return plain != null ? plain : after(form, "UnicastRef2", 1);
    }

    private static Stub after(byte[] form, String kind, int skip) throws IOException {
        int at = find(form, kind);
        if (at < 0) {
            return null;
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(form, at, form.length - at));
        in.skipBytes(skip);
        return new Stub(in.readUTF(), in.readInt());
    }

    /** The index behind *text* in modified UTF-8, length first; -1 if it isn't there. */
    private static int find(byte[] form, String text) {
        byte[] sought = text.getBytes(StandardCharsets.US_ASCII);
        for (int at = 2; at + sought.length <= form.length; at++) {
            boolean length = form[at - 2] == 0 && form[at - 1] == sought.length;
            if (length && java.util.Arrays.equals(form, at, at + sought.length, sought, 0, sought.length)) {
                return at + sought.length;
            }
        }
        return -1;
    }
}

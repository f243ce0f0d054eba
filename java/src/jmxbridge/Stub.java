package jmxbridge;

import java.io.IOException;
import java.io.ObjectOutput;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.rmi.Remote;
import java.rmi.server.RMIClientSocketFactory;
import java.rmi.server.RemoteObject;
import java.util.Arrays;

/**
 * What a remote stub refers to: where its server listens, and the number it has there.
 *
 * <p>A reference has no accessors, but it is Externalizable, and RemoteObject's documentation defines what it
 * writes: host and port, for UnicastRef2 a format byte before and a socket factory behind them, then the ObjID.
 *
 * @param factory null for the default one
 * @param id the ObjID's 22 bytes
 */
record Stub(String host, int port, RMIClientSocketFactory factory, byte[] id) {
    private static final int ID_BYTES = 22;

    /** Null when the stub's reference is of a kind that is not known. */
    static Stub read(Remote stub) throws IOException {
        Object reference = stub;
        if (Proxy.isProxyClass(stub.getClass())) {
            InvocationHandler handler = Proxy.getInvocationHandler(stub);
            reference = handler;
        }
        if (!(reference instanceof RemoteObject object) || object.getRef() == null) {
            return null;
        }
        Recorder recorder = new Recorder();
        object.getRef().writeExternal(recorder);
        if (recorder.host == null || recorder.size < ID_BYTES) {
            return null;
        }
        return new Stub(recorder.host, recorder.port, recorder.factory, Arrays.copyOf(recorder.bytes, ID_BYTES));
    }

    /** Takes down what a reference writes: first a host, then a port, then the bytes of an ObjID. */
    private static final class Recorder implements ObjectOutput {
        private final byte[] bytes = new byte[64];
        private int size;
        private String host;
        private int port = -1;
        private RMIClientSocketFactory factory;

        private void big(long value, int length) {
            for (int shift = (length - 1) * 8; shift >= 0 && host != null && size < bytes.length; shift -= 8) {
                bytes[size++] = (byte) (value >> shift);
            }
        }

        @Override
        public void writeUTF(String text) {
            host = text;
        }

        @Override
        public void writeInt(int value) {
            if (port < 0) {
                port = value;
            } else {
                big(value, Integer.BYTES);
            }
        }

        @Override
        public void writeObject(Object value) {
            if (value instanceof RMIClientSocketFactory sockets) {
                factory = sockets;
            }
        }

        @Override
        public void writeLong(long value) {
            big(value, Long.BYTES);
        }

        @Override
        public void writeShort(int value) {
            big(value, Short.BYTES);
        }

        @Override
        public void writeByte(int value) {
            big(value, 1);
        }

        @Override
        public void write(int value) {
            big(value, 1);
        }

        @Override
        public void write(byte[] values) {
            write(values, 0, values.length);
        }

        @Override
        public void write(byte[] values, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                big(values[i], 1);
            }
        }

        @Override
        public void writeBoolean(boolean value) {
            big(value ? 1 : 0, 1);
        }

        @Override
        public void writeChar(int value) {
            big(value, Character.BYTES);
        }

        @Override
        public void writeFloat(float value) {
            big(Float.floatToIntBits(value), Float.BYTES);
        }

        @Override
        public void writeDouble(double value) {
            big(Double.doubleToLongBits(value), Double.BYTES);
        }

        @Override
        public void writeBytes(String text) {
            throw new UnsupportedOperationException("no reference writes this");
        }

        @Override
        public void writeChars(String text) {
            throw new UnsupportedOperationException("no reference writes this");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}

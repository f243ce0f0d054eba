package jmxbridge;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.rmi.server.RMISocketFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens the sockets of plain RMI: with a time limit, which RMI lacks, and to where the user said.
 *
 * <p>A stub carries the address that the target believes it has (java.rmi.server.hostname), which is often
 * not the one that reaches it. A session tells the dialer what stands behind a stub's endpoint: the host that
 * the user named, and a port there.
 * RMI allows one factory a process, so there is one dialer.
 */
final class Dialer extends RMISocketFactory {
    private static final Dialer INSTALLED = install();

    private final Map<Endpoint, Endpoint> routes = new ConcurrentHashMap<>();
    private volatile int connectMillis = 5000;

    /** Where a server listens, as its stub says or as it is reached. */
    record Endpoint(String host, int port) {
        // As in Descriptions.
        @Override
        public boolean equals(Object other) {
            return other instanceof Endpoint that && port == that.port && host.equals(that.host);
        }

        @Override
        public int hashCode() {
            return host.hashCode() * 31 + port;
        }
    }

    static Dialer installed() {
        return INSTALLED;
    }

    private static Dialer install() {
        Dialer dialer = new Dialer();
        try {
            RMISocketFactory.setSocketFactory(dialer);
        } catch (IOException e) {
            throw new IllegalStateException("another RMI socket factory is installed", e);
        }
        return dialer;
    }

    int limit() {
        return connectMillis;
    }

    void limit(int millis) {
        connectMillis = millis;
    }

    void route(Endpoint endpoint, Endpoint place) {
        routes.put(endpoint, place);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        Endpoint place = place(host, port);
        return open(place.host, place.port);
    }

    /**
     * What to dial for a stub's endpoint.
     *
     * <p>Nothing else is dialed: the JDK's distributed garbage collection calls where a stub points as soon as it
     * was read, before anybody could say where that is. It tries again later.
     */
    Endpoint place(String host, int port) throws ConnectException {
        Endpoint place = routes.get(new Endpoint(host, port));
        if (place == null) {
            throw new ConnectException("no session leads to " + host + ":" + port);
        }
        return place;
    }

    /** Connects to one address after the other until one answers. */
    Socket open(String host, int port) throws IOException {
        IOException failure = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            Socket socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(address, port), connectMillis);
                return socket;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure == null ? new IOException("no address for " + host) : failure;
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
        throw new IOException("this process serves no RMI");
    }
}

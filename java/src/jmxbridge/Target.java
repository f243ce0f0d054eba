package jmxbridge;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.rmi.ConnectException;
import java.rmi.ConnectIOException;
import java.rmi.NotBoundException;
import java.rmi.Remote;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIClientSocketFactory;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnection;
import javax.management.remote.rmi.RMIServer;
import javax.rmi.ssl.SslRMIClientSocketFactory;

/** Where a JVM's MBeans are reached, and how to log in there. */
public final class Target {
    /** {@code service:jmx:rmi:///jndi/rmi://host:port/name}, with an optional host before /jndi. */
    private static final Pattern REGISTRY = Pattern.compile(
            "service:jmx:rmi://[^/]*/jndi/rmi://(\\[[^\\]]+\\]|[^/:]*)(?::(\\d+))?/(.+)", Pattern.CASE_INSENSITIVE);

    private static final Pattern RMI = Pattern.compile("service:jmx:(rmi|iiop)", Pattern.CASE_INSENSITIVE);

    private static final String LOOPBACK = "127.0.0.1";

    private static final String NO_TLS = "the target's RMI server has no TLS, which was asked for"
            + " (there: -Dcom.sun.management.jmxremote.ssl=true and -Djavax.net.ssl.keyStore=...)";

    private static final String SECOND_PORT = "the registry at %s:%d answers, and its server listens at port %d, which"
            + " is not reached (%s): forward port %d, too, under the same number, or start the target with the same"
            + " number in -Dcom.sun.management.jmxremote.rmi.port and jmxremote.port";

    private final String url;
    private final String user;
    private final String password;
    private final boolean tls;
    private final boolean registryTls;
    /** Of a JVM of this machine; null: asked from the registry that the URL names. */
    private final String stub;

    /**
     * @param user null or empty: no login
     * @param tls nothing is said to a server whose stub has no TLS
     * @param registryTls the registry itself is reached over TLS
     */
    public Target(String url, String user, String password, boolean tls, boolean registryTls) {
        this(url, user, password, tls, registryTls, null);
    }

    private Target(String url, String user, String password, boolean tls, boolean registryTls, String stub) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.tls = tls;
        this.registryTls = registryTls;
        this.stub = stub;
    }

    /**
     * A JVM of this machine that was attached to; it takes no login and has no TLS.
     *
     * @param stub of its local management agent's server, serialized, in base64
     */
    public static Target attached(String stub) {
        return new Target("", null, null, false, false, stub);
    }

    /**
     * Connects and logs in; blocks for as long as the target lets it.
     *
     * @param inFlight how many connections may carry calls at a time; pipelining uses half of them
     * @param wire "auto", "pipelined" or "standard"
     */
    public Session open(int connectMillis, int inFlight, String wire) throws SessionException {
        SerialFilter.install();
        Dialer.installed().limit(connectMillis);
        SerialFilter.loggingIn(true);
        try {
            if (stub != null) {
                return new Session(overLoopback(inFlight, wire));
            }
            refuseCode();
            Matcher registry = REGISTRY.matcher(url);
            if (registry.matches()) {
                return new Session(overRmi(registry, inFlight, wire));
            }
            if (wire.equals("pipelined")) {
                throw new IOException("only service:jmx:rmi:///jndi/rmi:// URLs can be pipelined");
            }
            return new Session(new StandardWire(overConnector(), inFlight));
        } catch (IOException | NotBoundException | RuntimeException e) {
            throw SessionException.connecting(e, credentials() != null);
        } finally {
            SerialFilter.loggingIn(false);
        }
    }

    /** Other ways to find a server would let whoever answers send us objects, or code, of his choice. */
    private void refuseCode() throws IOException {
        if (RMI.matcher(url).lookingAt() && !REGISTRY.matcher(url).matches()) {
            throw new IOException("of service:jmx:rmi URLs only those with /jndi/rmi:// are followed");
        }
    }

    // The JDK's own JNDI provider for this URL is a module that small runtimes lack; the registry isn't.
    private Wire overRmi(Matcher registryUrl, int inFlight, String wire) throws IOException, NotBoundException {
        String host = registryUrl.group(1).isEmpty() ? "localhost" : registryUrl.group(1).replaceAll("[\\[\\]]", "");
        int port = registryUrl.group(2) == null ? Registry.REGISTRY_PORT : Integer.parseInt(registryUrl.group(2));
        Dialer.Endpoint asked = new Dialer.Endpoint(host, port);
        Dialer.installed().route(asked, asked);
        RMIClientSocketFactory factory = registryTls ? new SslRMIClientSocketFactory() : Dialer.installed()::open;
        Remote found = LocateRegistry.getRegistry(host, port, factory).lookup(registryUrl.group(3));
        if (!(found instanceof RMIServer server)) {
            throw new IOException("the registry's " + registryUrl.group(3) + " is not a JMX server");
        }
        Stub front = encrypted(found);
        return loggedIn(server, front, front == null ? asked : place(front, asked), asked, inFlight, wire);
    }

    /** Whatever host the stub names, the JVM is one of this machine's. */
    private Wire overLoopback(int inFlight, String wire) throws IOException {
        byte[] bytes = Base64.getDecoder().decode(stub);
        try (ObjectInputStream stream = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            if (!(stream.readObject() instanceof RMIServer server)) {
                throw new IOException("the JVM's local agent is not a JMX server");
            }
            Stub front = Stub.read(server);
            if (front == null) {
                throw new IOException("the stub of the JVM's local agent is of a kind that is not known");
            }
            Dialer.Endpoint place = new Dialer.Endpoint(LOOPBACK, front.port());
            return loggedIn(server, front, place, place, inFlight, wire);
        } catch (ClassNotFoundException e) {
            throw new IOException("the stub of the JVM's local agent has a class that is not known", e);
        }
    }

    /** Logs in at *place*, where the server behind *front* listens; its registry answered at *asked*. */
    private Wire loggedIn(
            RMIServer server, Stub front, Dialer.Endpoint place, Dialer.Endpoint asked, int inFlight, String wire)
            throws IOException {
        route(front, place);
        RMIConnection connection = newClient(server, place, asked);
        Stub inner = encrypted(connection);
        boolean together = inner != null && front != null && front.port() == inner.port();
        route(inner, together || inner == null ? place : new Dialer.Endpoint(place.host(), inner.port()));
        Calls calls = new RmiCalls(connection);
        Wire standard = new StandardWire(calls, inFlight);
        if (inner == null && wire.equals("pipelined")) {
            throw new IOException("the target's stub is of a kind that cannot be pipelined");
        }
        return inner == null || wire.equals("standard")
                ? standard
                : new PipelinedWire(standard, inner, new LongPoll(calls), (inFlight + 1) / 2);
    }

    /** Logs in; *place* is where the server listens, *asked* where its registry does. */
    private RMIConnection newClient(RMIServer server, Dialer.Endpoint place, Dialer.Endpoint asked)
            throws IOException {
        try {
            return server.newClient(credentials());
        } catch (ConnectException | ConnectIOException e) {
            if (place.port() == asked.port()) {
                throw e;
            }
            throw new SessionException(
                    SessionException.Kind.CONNECT,
                    SECOND_PORT.formatted(
                            asked.host(), asked.port(), place.port(), SessionException.describe(e), place.port()),
                    e);
        }
    }

    /**
     * Where the server of *stub* is reached: at the host that the user named, whatever host the stub names.
     *
     * <p>Registry and server may share a port, which has another number here if it is forwarded. So the server
     * is looked for where the registry answered; if it isn't there, it is at the port that the stub names.
     */
    private Dialer.Endpoint place(Stub stub, Dialer.Endpoint asked) {
        boolean encrypted = stub.factory() instanceof SslRMIClientSocketFactory;
        boolean alike = encrypted == registryTls && (encrypted || stub.factory() == null);
        if (stub.port() == asked.port() || alike && answers(stub, asked)) {
            return asked;
        }
        return new Dialer.Endpoint(asked.host(), stub.port());
    }

    /** Whether the server of *stub* listens at *place*; asked without credentials. */
    private static boolean answers(Stub stub, Dialer.Endpoint place) {
        Deadline deadline = Deadline.in(Dialer.installed().limit());
        RMIClientSocketFactory sockets = stub.factory() == null ? Dialer.installed()::open : stub.factory();
        RMIClientSocketFactory there = (host, port) -> sockets.createSocket(place.host(), place.port());
        try (Channel channel = Channel.open(stub, there, new StringCache(), new LargeAnswers(), deadline)) {
            channel.unsent().writeBytes(Jrmp.call(stub.id(), Jrmp.GET_VERSION));
            channel.flush();
            return channel.answer(deadline.leftMillis(), deadline) instanceof String;
        } catch (IOException e) {
            return false;
        }
    }

    private static void route(Stub stub, Dialer.Endpoint place) {
        if (stub != null) {
            Dialer.installed().route(new Dialer.Endpoint(stub.host(), stub.port()), place);
        }
    }

    /**
     * What *remote* refers to; null if that is of a kind that is not known.
     *
     * <p>A registry has no say in whether calls are encrypted, the stub has: it carries the socket factory.
     */
    private Stub encrypted(Remote remote) throws IOException {
        Stub stub = Stub.read(remote);
        if (tls && (stub == null || !(stub.factory() instanceof SslRMIClientSocketFactory))) {
            throw new SessionException(SessionException.Kind.CONNECT, NO_TLS, null);
        }
        return stub;
    }

    private Calls overConnector() throws IOException {
        Map<String, Object> environment = new HashMap<>();
        environment.put("jmx.remote.x.client.connection.check.period", 0L);
        if (credentials() != null) {
            environment.put(JMXConnector.CREDENTIALS, credentials());
        }
        if (registryTls) {
            environment.put("com.sun.jndi.rmi.factory.socket", new SslRMIClientSocketFactory());
        }
        return new ConnectorCalls(JMXConnectorFactory.connect(new JMXServiceURL(url), environment));
    }

    private String[] credentials() {
        boolean both = user != null && !user.isEmpty() && password != null && !password.isEmpty();
        return both ? new String[] {user, password} : null;
    }

    /** One open session. */
    public static final class Session {
        private final Wire wire;

        Session(Wire wire) {
            this.wire = wire;
        }

        /** Begins to watch; *includes* null means every MBean. */
        public MBeanTracker watch(String[] includes, String[] excludes, boolean withoutJvm, String[] platform, int most)
                throws MalformedObjectNameException {
            return new MBeanTracker(wire, Scope.parse(includes, excludes, withoutJvm), Scope.names(platform), most);
        }

        /** The given system properties of the target, "" for those that it lacks or doesn't let us read. */
        public FlatArrays properties(String[] keys, long millis) throws IOException {
            FlatArrays.Builder arrays = new FlatArrays.Builder();
            wire.properties(List.of(keys), Deadline.in(millis)).forEach(arrays::put);
            return arrays.build();
        }

        /** Counts of threads by state, in the order of Thread.State, then deadlocked and monitor-deadlocked. */
        public int[] threadStates(long millis) throws IOException {
            return Threads.states(wire, Deadline.in(millis));
        }

        /** Ends the session; waits at most *millis* for the target to hear of it. */
        public void close(long millis) {
            wire.close(millis);
        }

        static ObjectName name(String text) {
            try {
                return new ObjectName(text);
            } catch (MalformedObjectNameException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }
}

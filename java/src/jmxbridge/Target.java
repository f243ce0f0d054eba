package jmxbridge;

import java.io.IOException;
import java.rmi.NotBoundException;
import java.rmi.Remote;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIClientSocketFactory;
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

    private static final String NO_TLS = "the target's RMI server has no TLS, which was asked for"
            + " (there: -Dcom.sun.management.jmxremote.ssl=true and -Djavax.net.ssl.keyStore=...)";

    private final String url;
    private final String user;
    private final String password;
    private final boolean tls;
    private final boolean registryTls;

    /**
     * @param user null or empty: no login
     * @param tls nothing is said to a server whose stub has no TLS
     * @param registryTls the registry itself is reached over TLS
     */
    public Target(String url, String user, String password, boolean tls, boolean registryTls) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.tls = tls;
        this.registryTls = registryTls;
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
        RMIClientSocketFactory factory = registryTls ? new SslRMIClientSocketFactory() : Dialer.installed()::open;
        Remote found = LocateRegistry.getRegistry(host, port, factory).lookup(registryUrl.group(3));
        if (!(found instanceof RMIServer server)) {
            throw new IOException("the registry's " + registryUrl.group(3) + " is not a JMX server");
        }
        route(found, host);
        RMIConnection connection = server.newClient(credentials());
        Stub stub = route(connection, host);
        Calls calls = new RmiCalls(connection);
        Wire standard = new StandardWire(calls, inFlight);
        if (stub == null && wire.equals("pipelined")) {
            throw new IOException("the target's stub is of a kind that cannot be pipelined");
        }
        return stub == null || wire.equals("standard")
                ? standard
                : new PipelinedWire(standard, stub, new LongPoll(calls), (inFlight + 1) / 2);
    }

    /**
     * Makes calls to *remote* go to the host that the user named, whatever host the stub names.
     *
     * <p>A registry has no say in whether calls are encrypted, the stub has: it carries the socket factory.
     */
    private Stub route(Remote remote, String host) throws IOException {
        Stub stub = Stub.read(remote);
        if (tls && (stub == null || !(stub.factory() instanceof SslRMIClientSocketFactory))) {
            throw new SessionException(SessionException.Kind.CONNECT, NO_TLS, null);
        }
        if (stub != null) {
            Dialer.installed().route(new Dialer.Endpoint(stub.host(), stub.port()), host);
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

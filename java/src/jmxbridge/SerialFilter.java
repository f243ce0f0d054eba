package jmxbridge;

import java.io.ObjectInputFilter;
import java.lang.reflect.Proxy;
import java.rmi.Remote;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.remote.rmi.RMIConnection;
import javax.management.remote.rmi.RMIServer;

/**
 * The serialization filter of this process: decides which classes the JDK's RMI client may make objects of
 * when a target sends them.
 *
 * <p>An allow-list of the JDK's own value classes, and a shorter one while logging in, where nothing but stubs
 * and exceptions has to come. Collections that hash their elements are refused deep inside others, since
 * hashing nested ones takes exponential time.
 */
public final class SerialFilter implements ObjectInputFilter {
    private static final long MOST_BYTES = 64L << 20;
    private static final long MOST_REFERENCES = 4_000_000;
    private static final long LONGEST_ARRAY = 4_000_000;
    private static final long MOST_DEPTH = 100;
    private static final long MOST_DEPTH_HASHED = 12;

    private static final Set<String> LOGIN = Set.of(
            "javax.management.remote.rmi.RMIServerImpl_Stub",
            "javax.management.remote.rmi.RMIConnectionImpl_Stub",
            "javax.management.remote.rmi.RMIServer",
            "javax.management.remote.rmi.RMIConnection",
            "javax.rmi.ssl.SslRMIClientSocketFactory",
            "java.rmi.server.RemoteObject",
            "java.rmi.server.RemoteStub",
            "java.rmi.server.RemoteObjectInvocationHandler",
            "java.rmi.server.ObjID",
            "java.rmi.server.UID",
            "java.rmi.dgc.Lease",
            "java.rmi.dgc.VMID",
            "java.rmi.Remote",
            "java.lang.reflect.Proxy",
            "java.lang.Object",
            "java.lang.String",
            "java.lang.Number",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.StackTraceElement",
            "java.util.Collections$EmptyList",
            "java.util.Collections$UnmodifiableCollection",
            "java.util.Collections$UnmodifiableList",
            "java.util.Collections$UnmodifiableRandomAccessList",
            "java.util.ArrayList",
            "java.util.Arrays$ArrayList",
            "javax.security.auth.login.LoginException",
            "javax.security.auth.login.FailedLoginException");
    /** What a stub that is a dynamic proxy, as JDK 8 sends, may stand for. */
    private static final Set<Class<?>> STUBS = Set.of(Remote.class, RMIServer.class, RMIConnection.class);
    private static final Set<String> VALUES = Set.of(
            "java.lang",
            "java.math",
            "java.util",
            "java.util.concurrent.atomic",
            "java.time",
            "java.rmi",
            "javax.management",
            "javax.management.openmbean",
            "javax.management.remote");
    private static final ThreadLocal<Boolean> LOGGING_IN = ThreadLocal.withInitial(() -> false);

    private SerialFilter() {}

    /** Puts the filter before every stream that this process reads; more than once does nothing. */
    static void install() {
        if (Config.getSerialFilter() == null) {
            Config.setSerialFilter(new SerialFilter());
        }
    }

    /** Whether this thread is only to take what a login needs. */
    static void loggingIn(boolean now) {
        LOGGING_IN.set(now);
    }

    @Override
    public Status checkInput(FilterInfo info) {
        if (info.depth() > MOST_DEPTH || info.references() > MOST_REFERENCES || info.streamBytes() > MOST_BYTES
                || info.arrayLength() > LONGEST_ARRAY) {
            return Status.REJECTED;
        }
        Class<?> type = info.serialClass();
        if (type == null) {
            return Status.UNDECIDED;
        }
        while (type.isArray()) {
            type = type.getComponentType();
        }
        if (type.isPrimitive()) {
            return Status.ALLOWED;
        }
        return admits(type, info.depth()) ? Status.ALLOWED : Status.REJECTED;
    }

    private static boolean admits(Class<?> type, long depth) {
        if (Proxy.isProxyClass(type)) {
            // Its handler is admitted by name, as every other class: RemoteObjectInvocationHandler alone.
            return Stream.of(type.getInterfaces()).allMatch(STUBS::contains);
        }
        String name = type.getName();
        boolean problem = Throwable.class.isAssignableFrom(type) && type.getClassLoader() == null;
        if (LOGGING_IN.get()) {
            return problem || LOGIN.contains(name);
        }
        if (depth > MOST_DEPTH_HASHED && name.startsWith("java.util.Hash")) {
            return false;
        }
        return problem || VALUES.contains(type.getPackageName()) || LOGIN.contains(name);
    }
}

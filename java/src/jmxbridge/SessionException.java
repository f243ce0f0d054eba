package jmxbridge;

import java.io.EOFException;
import java.io.IOException;
import java.rmi.ConnectException;
import java.rmi.ConnectIOException;
import java.rmi.NotBoundException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;

/** Why a session could not be opened, or had to end; {@link #kind} is what Python tells apart. */
public final class SessionException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final String CREDENTIALS =
            " (give --jmx.username, and its password by --jmx.password-file or JMX_BRIDGE_JMX_PASSWORD)";
    private static final String NO_TLS = " (what answers there speaks no TLS: --no-jmx.tls.registry is for a"
            + " registry without TLS, no --jmx.tls for a target without)";
    private static final String ACCESS =
            " (the target's jmxremote.password.file and jmxremote.access.file say who may)";

    /** What has to be told apart. */
    public enum Kind { CONNECT, LOGIN, LOST, DEADLINE }

    private final Kind kind;

    SessionException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public String kind() {
        return kind.name();
    }

    static SessionException lost(Throwable error) {
        if (error instanceof SessionException already) {
            return already;
        }
        return new SessionException(Kind.LOST, describe(error), error);
    }

    /** {@code known}: a user and a password were given. */
    static SessionException connecting(Throwable error, boolean known) {
        if (error instanceof SessionException already) {
            return already;
        }
        if (error instanceof SecurityException) {
            return new SessionException(
                    Kind.LOGIN,
                    "the target refused the login: " + error.getMessage() + (known ? ACCESS : CREDENTIALS),
                    error);
        }
        String hint = "";
        if (withoutTls(error)) {
            hint = NO_TLS;
        }
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    && String.valueOf(cause.getMessage()).contains("ubject alternative")) {
                hint = " (the certificate is for another host; --no-jmx.tls.verify-host accepts it)";
            }
        }
        return new SessionException(Kind.CONNECT, describe(error) + hint, error);
    }

    /** Whether a handshake of TLS was begun with what does not know it, and hung up or spoke on. */
    private static boolean withoutTls(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return cause.getCause() instanceof EOFException
                        || String.valueOf(cause.getMessage()).contains("unrecognized SSL message");
            }
        }
        return false;
    }

    /** One line that names the deepest cause, which is the one that helps. */
    static String describe(Throwable error) {
        Throwable deepest = error;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String said = deepest.getMessage() == null ? "" : ": " + deepest.getMessage().lines().findFirst().orElse("");
        String kind = deepest.getClass().getSimpleName();
        if (error instanceof NotBoundException) {
            return "the registry has no such name" + said;
        }
        if (error instanceof ConnectIOException && deepest == error) {
            return "it does not speak RMI (is TLS needed?)" + said;
        }
        return error instanceof ConnectException ? "connection refused or unreachable" + said : kind + said;
    }
}

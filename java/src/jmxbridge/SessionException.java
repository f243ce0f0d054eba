package jmxbridge;

import java.io.IOException;
import java.rmi.ConnectException;
import java.rmi.ConnectIOException;
import java.rmi.NotBoundException;
import java.security.cert.CertificateException;

/** Why a session could not be opened, or had to end; {@link #kind} is what Python tells apart. */
public final class SessionException extends IOException {
    private static final long serialVersionUID = 1L;

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

    static SessionException connecting(Throwable error) {
        if (error instanceof SessionException already) {
            return already;
        }
        if (error instanceof SecurityException) {
            return new SessionException(Kind.LOGIN, "the target refused the login: " + error.getMessage(), error);
        }
        String hint = "";
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    && String.valueOf(cause.getMessage()).contains("ubject alternative")) {
                hint = " (the certificate is for another host; --no-jmx.tls.verify-host accepts it)";
            }
        }
        return new SessionException(Kind.CONNECT, describe(error) + hint, error);
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

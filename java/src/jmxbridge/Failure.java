package jmxbridge;

import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectStreamException;
import java.rmi.UnmarshalException;
import javax.management.InstanceNotFoundException;

/** Why an MBean could not be read, told apart by what has to follow. */
enum Failure {
    /** It went between the list of names and the question. */
    GONE,
    /** Its getters or its answer failed; others are not touched. */
    BROKEN,
    /** A value cannot be carried: ask one attribute at a time. */
    UNREADABLE,
    /** The deadline passed before its answer came, or an earlier call to it still runs. */
    LATE,
    /** The session is over. */
    LOST,
    /** It held up earlier scrapes or sent what cannot be taken, and is not asked for a while. */
    RESTING;

    static Failure of(Throwable error) {
        if (error instanceof InstanceNotFoundException) {
            return GONE;
        }
        if (carries(error, ObjectStreamException.class) || carries(error, ClassNotFoundException.class)) {
            return UNREADABLE;
        }
        if (error instanceof UnmarshalException && !carries(error, EOFException.class)
                && !(error.getCause() instanceof java.net.SocketException)
                && !(error.getCause() instanceof java.net.SocketTimeoutException)) {
            return UNREADABLE;
        }
        return error instanceof IOException ? LOST : BROKEN;
    }

    private static boolean carries(Throwable error, Class<? extends Throwable> kind) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}

package jmxbridge;

import java.io.IOException;

/** What came over the wire is not what the protocol allows, or more than we take. */
final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    WireException(String message) {
        super(message);
    }
}

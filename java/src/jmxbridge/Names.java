package jmxbridge;

import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** What Java says of an ObjectName that a user wrote. */
public final class Names {
    private Names() {}

    /** Null when *text* is a good ObjectName, or, if *pattern*, a good pattern. */
    public static String problem(String text, boolean pattern) {
        try {
            ObjectName name = new ObjectName(text);
            return !pattern && name.isPattern() ? "patterns are not possible here, only a full ObjectName" : null;
        } catch (MalformedObjectNameException | NullPointerException e) {
            return e.getMessage() == null ? "malformed" : e.getMessage();
        }
    }

    /** A name with its properties in the order of registration. */
    static String text(ObjectName name) {
        return name.getDomain() + ":" + name.getKeyPropertyListString();
    }
}

package jmxbridge;

import java.util.ArrayList;
import java.util.List;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/**
 * Which MBeans the rules may see: found by an include pattern (none: by all), not excluded, and, if the JVM's
 * own are left out, not of its domains unless an include pattern asked for them by name.
 */
record Scope(List<ObjectName> includes, List<ObjectName> excludes, boolean withoutJvm) {
    private static final List<String> JVM_DOMAINS = List.of(
            "com.sun.management", "com.sun.management.jmxremote", "java.lang", "java.nio", "java.util.logging",
            "javax.management", "javax.management.remote", "jdk.internal", "jdk.management",
            "jdk.management.jfr", "sun.management");

    /** *includes* null: all. */
    static Scope parse(String[] includes, String[] excludes, boolean withoutJvm) throws MalformedObjectNameException {
        return new Scope(includes == null ? null : names(includes), names(excludes), withoutJvm);
    }

    static List<ObjectName> names(String[] texts) throws MalformedObjectNameException {
        List<ObjectName> names = new ArrayList<>();
        for (String text : texts) {
            names.add(new ObjectName(text));
        }
        return names;
    }

    List<ObjectName> queries() {
        return includes == null ? List.of(ObjectName.WILDCARD) : includes;
    }

    /** Whether a name that one of {@link #queries} found is in scope. */
    boolean admits(ObjectName name) {
        for (ObjectName exclude : excludes) {
            if (exclude.apply(name) || exclude.equals(name)) {
                return false;
            }
        }
        return includes != null || !withoutJvm || !JVM_DOMAINS.contains(name.getDomain());
    }
}

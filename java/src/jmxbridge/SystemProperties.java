package jmxbridge;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * Some of a target's system properties. They are one attribute, so the target sends all of them, and others
 * may be secrets.
 */
final class SystemProperties {
    static final ObjectName RUNTIME = Target.Session.name("java.lang:type=Runtime");
    static final String ATTRIBUTE = "SystemProperties";

    private SystemProperties() {}

    /** A text for each key, "" where there is none. */
    static List<String> of(Object answer, List<String> keys) {
        List<String> texts = new ArrayList<>();
        for (String key : keys) {
            texts.add(value(answer, key) instanceof String text ? text : "");
        }
        return texts;
    }

    private static Object value(Object answer, String key) {
        if (answer instanceof TabularData table) {
            CompositeData row = table.get(new Object[] {key});
            return row == null ? null : row.get(Withholding.VALUE);
        }
        if (answer instanceof Table table) {
            for (Composite row : table.rows()) {
                if (key.equals(row.get(Withholding.KEY))) {
                    return row.get(Withholding.VALUE);
                }
            }
        }
        return null;
    }

    /** The values that were not taken, since another property before has the same string. */
    static Set<Integer> withheld(Object answer, List<String> keys) {
        Set<Integer> handles = new HashSet<>();
        for (String key : keys) {
            if (value(answer, key) instanceof Withholding.Withheld value) {
                handles.add(value.handle());
            }
        }
        return handles;
    }
}

package jmxbridge;

import java.util.Arrays;
import java.util.List;

/** Puts the values of an answer into the order in which they were asked for; the same for both wires. */
final class Alignment {
    private Alignment() {}

    /** How a wire's answers spell an attribute. */
    interface Elements {
        /** The attribute's name; null if the element is no attribute. */
        String maybeName(Object element);

        Object value(Object element);
    }

    /** One value for each attribute that was asked for; why there is none where the answer lacks it. */
    static Object[] align(WatchedMBean mbean, List<?> answer, Elements elements) {
        return align(mbean.request.attributes(), mbean.unanswered(), answer, elements);
    }

    /** Fills *values*; answers usually have the order already, with failed attributes left out. */
    static Object[] align(String[] wanted, Object[] values, List<?> answer, Elements elements) {
        int next = 0;
        for (Object element : answer) {
            String name = elements.maybeName(element);
            if (name == null) {
                continue;
            }
            int at = next;
            while (at < wanted.length && !wanted[at].equals(name)) {
                at++;
            }
            if (at == wanted.length) {
                at = Arrays.asList(wanted).indexOf(name);
            }
            if (at >= 0) {
                values[at] = elements.value(element);
                next = at + 1;
            }
        }
        return values;
    }
}

package jmxbridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;

/** What attributes MBeans have; equal descriptions are one, and have one number, counting up from 0. */
final class Descriptions {
    private final Map<List<Attribute>, Integer> numbers = new HashMap<>();
    private final List<Description> fresh = new ArrayList<>();

    /** A readable attribute; *type* and *description* may be null. */
    record Attribute(String name, String type, String description) {}

    /** The readable attributes of some MBeans. */
    record Description(int number, List<Attribute> attributes) {}

    /** The number of an MBean's description. */
    int number(MBeanInfo info) {
        // Of several with the same name the last one counts: a name is all that can be asked for.
        Map<String, Attribute> byName = new LinkedHashMap<>();
        for (MBeanAttributeInfo each : info.getAttributes()) {
            // Nobody can ask for one without a name.
            if (each != null && each.isReadable() && each.getName() != null) {
                byName.put(each.getName(), new Attribute(each.getName(), each.getType(), each.getDescription()));
            }
        }
        List<Attribute> attributes = List.copyOf(byName.values());
        Integer known = numbers.get(attributes);
        if (known != null) {
            return known;
        }
        Description description = new Description(numbers.size(), attributes);
        numbers.put(attributes, description.number());
        fresh.add(description);
        return description.number();
    }

    /** The descriptions that are new since the last time. */
    List<Description> takeNew() {
        List<Description> taken = List.copyOf(fresh);
        fresh.clear();
        return taken;
    }
}

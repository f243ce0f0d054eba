package jmxbridge;

import javax.management.openmbean.CompositeData;

/**
 * A composite value, whether its object was made or only read.
 *
 * @param keys sorted
 */
record Composite(String description, String[] keys, Object[] values) {

    static Composite of(CompositeData data) {
        String[] keys = data.getCompositeType().keySet().toArray(new String[0]);
        return new Composite(data.getCompositeType().getDescription(), keys, data.getAll(keys));
    }

    Object get(String key) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i].equals(key)) {
                return values[i];
            }
        }
        return null;
    }
}

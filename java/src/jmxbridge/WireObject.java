package jmxbridge;

import java.util.ArrayList;
import java.util.List;

/** An object as it came over the wire: fields by their class, and what its class wrote besides. */
final class WireObject {
    final WireClass type;
    final Object[] fields;
    /** Objects written by writeObject or writeExternal methods, in order. */
    final List<Object> written = new ArrayList<>(0);
    /** The first bytes that such methods wrote, at most eight. */
    byte[] block = {};

    WireObject(WireClass type) {
        this.type = type;
        this.fields = new Object[type.size()];
    }

    Object get(String field) {
        int index = type.index(field);
        return index < 0 ? null : fields[index];
    }

    String text(String field) {
        return get(field) instanceof String text ? text : null;
    }
}

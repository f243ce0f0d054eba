package jmxbridge;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;

/** What objects from the wire mean: values we know, made anew from their fields; all others stay opaque. */
final class WireValues {
    /** More digits than any counter has; a larger number would only cost time. */
    private static final int MOST_MAGNITUDE = 4096;
    /** How many views of a list the JDK lays around each other. */
    private static final int MOST_WRAPPINGS = 4;

    /** How an AttributeList spells its attributes. */
    static final Alignment.Elements ATTRIBUTES = new Alignment.Elements() {
        @Override
        public String maybeName(Object element) {
            return element instanceof Named attribute ? attribute.name() : null;
        }

        @Override
        public Object value(Object element) {
            return plain(((Named) element).value());
        }
    };

    private WireValues() {}

    /** An ObjectName, its properties in the order of registration. */
    record Name(String text) {}

    /** An attribute's name and value. */
    record Named(String name, Object value) {}

    /** A CompositeType's or TabularType's parts. */
    record RowType(String description, List<String> keys) {}

    record TableType(RowType row, List<String> index) {}

    /** The value that an object stands for; the object itself where others may want its fields. */
    static Object of(WireObject object) throws WireException {
        return switch (object.type.kind()) {
            case NUMBER_BOX, ADDER -> number(object);
            case BOOLEAN -> object.get("value");
            case BIG_INTEGER -> bigInteger(object);
            case BIG_DECIMAL -> object.get("intVal") instanceof BigInteger unscaled
                            && object.get("scale") instanceof Integer scale
                    ? new BigDecimal(unscaled, scale)
                    : opaque(object);
            case DATE -> object.block.length == Long.BYTES ? date(object) : opaque(object);
            case ATTRIBUTE -> new Named(object.text("name"), object.get("value"));
            case COMPOSITE_TYPE -> new RowType(object.text("description"), keys(object.get("nameToType")));
            case COMPOSITE -> composite(object);
            case TABULAR_TYPE -> object.get("rowType") instanceof RowType row
                    ? new TableType(row, strings(object.get("indexNames")))
                    : opaque(object);
            case TABULAR -> table(object);
            case OTHER, OBJECT_NAME, LIST, MAP, WRAPPED_LIST -> object;
        };
    }

    /** How many references its value will hold; they come from parts that other objects may share. */
    static int weight(WireObject object) {
        return switch (object.type.kind()) {
            case COMPOSITE -> object.get("compositeType") instanceof RowType row ? 2 * row.keys().size() : 0;
            case COMPOSITE_TYPE -> pairs(object.get("nameToType")).size();
            case TABULAR -> object.get("tabularType") instanceof TableType type
                    ? type.row().keys().size() + type.index().size() + pairs(object.get("dataMap")).size()
                    : 0;
            case TABULAR_TYPE -> elements(object.get("indexNames")).size();
            default -> 0;
        };
    }

    private static Object number(WireObject object) {
        Object value = object.get("value");
        if (value == null) {
            value = object.get("result");
        }
        return value == null ? opaque(object) : value;
    }

    /** A java.sql.Timestamp sends its whole seconds as a date, and the rest of its time in nanoseconds. */
    private static Date date(WireObject object) {
        long millis = big(object.block);
        boolean parted = object.type.is("java.sql.Timestamp") && object.get("nanos") instanceof Integer;
        return new Date(parted ? millis + (Integer) object.get("nanos") / 1_000_000 : millis);
    }

    private static Object bigInteger(WireObject object) {
        if (object.get("signum") instanceof Integer sign
                && object.get("magnitude") instanceof byte[] magnitude
                && magnitude.length <= MOST_MAGNITUDE
                && sign >= -1 && sign <= 1
                && (sign != 0 || magnitude.length == 0)) {
            return new BigInteger(sign, magnitude);
        }
        return opaque(object);
    }

    private static Object composite(WireObject object) {
        if (!(object.get("compositeType") instanceof RowType type)) {
            return opaque(object);
        }
        List<Object> contents = pairs(object.get("contents"));
        String[] keys = type.keys().toArray(new String[0]);
        // Both are sorted maps of the same keys; only a stream that nobody's JDK wrote has them otherwise.
        Object[] values = new Object[keys.length];
        for (int i = 0; i < keys.length && 2 * i + 1 < contents.size(); i++) {
            if (!keys[i].equals(contents.get(2 * i))) {
                return opaque(object);
            }
            values[i] = contents.get(2 * i + 1);
        }
        return new Composite(type.description(), keys, values);
    }

    private static Object table(WireObject object) {
        if (!(object.get("tabularType") instanceof TableType type)) {
            return opaque(object);
        }
        List<Object> rows = pairs(object.get("dataMap"));
        List<Composite> kept = new ArrayList<>(rows.size() / 2);
        for (int at = 1; at < rows.size(); at += 2) {
            if (rows.get(at) instanceof Composite row) {
                kept.add(row);
            }
        }
        return new Table(
                type.row().description(), type.index(), Table.columns(type.index(), type.row().keys()), kept);
    }

    /** What a map wrote: key, value, key, value... */
    private static List<Object> pairs(Object map) {
        return map instanceof WireObject object && object.type.kind() == WireClass.Kind.MAP
                ? object.written
                : List.of();
    }

    private static List<String> keys(Object map) {
        List<Object> pairs = pairs(map);
        List<String> keys = new ArrayList<>(pairs.size() / 2);
        for (int at = 0; at < pairs.size(); at += 2) {
            if (pairs.get(at) instanceof String key) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** The strings of a list, however the JDK wrapped it. */
    static List<String> strings(Object list) {
        List<String> strings = new ArrayList<>();
        for (Object element : elements(list)) {
            if (element instanceof String text) {
                strings.add(text);
            }
        }
        return strings;
    }

    /** The names in a set of ObjectNames; null if it is not one that the JDK's own server sends. */
    static List<String> maybeNames(Object set) {
        if (!(set instanceof WireObject object) || !object.type.name().equals("java.util.HashSet")) {
            return null;
        }
        List<String> names = new ArrayList<>(object.written.size());
        for (Object element : object.written) {
            if (!(element instanceof Name name)) {
                return null;
            }
            names.add(name.text());
        }
        return names;
    }

    static List<Object> elements(Object list) {
        return elements(list, MOST_WRAPPINGS);
    }

    private static List<Object> elements(Object list, int wrappings) {
        if (list instanceof Object[] array) {
            return Arrays.asList(array);
        }
        if (!(list instanceof WireObject object) || wrappings == 0) {
            return List.of();
        }
        if (object.type.kind() == WireClass.Kind.LIST) {
            if (object.get("elementData") instanceof Object[] vector) {
                return Arrays.asList(vector);
            }
            return object.written;
        }
        for (String wrapped : new String[] {"c", "a", "list"}) {
            Object inner = object.get(wrapped);
            if (inner != null) {
                return elements(inner, wrappings - 1);
            }
        }
        return object.written;
    }

    /** What the flattener understands: an object or array whose fields nobody wants is opaque. */
    static Object plain(Object value) {
        if (value instanceof WireObject object) {
            return opaque(object);
        }
        if (value instanceof Named || value instanceof RowType || value instanceof TableType
                || value instanceof WireClass) {
            return new Opaque(value.getClass().getSimpleName(), false);
        }
        return value;
    }

    static Opaque opaque(WireObject object) {
        return new Opaque(object.type.name(), false);
    }

    static long big(byte[] bytes) {
        long value = 0;
        for (byte b : bytes) {
            value = value << 8 | b & 0xff;
        }
        return value;
    }
}

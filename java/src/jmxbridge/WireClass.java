package jmxbridge;

/**
 * A class descriptor as it came over the wire; no class of that name is ever looked for.
 *
 * @param types of the fields, as the grammar spells them: B C D F I J S Z L [
 * @param parent null at the top
 */
record WireClass(String name, int flags, char[] types, String[] fields, WireClass parent, Kind kind) {
    static final int WRITE_METHOD = 1;
    static final int SERIALIZABLE = 2;
    static final int EXTERNALIZABLE = 4;
    static final int BLOCK_DATA = 8;

    /** The classes whose objects mean something to us. */
    enum Kind {
        OTHER, NUMBER_BOX, BOOLEAN, BIG_INTEGER, BIG_DECIMAL, ADDER, DATE, OBJECT_NAME, ATTRIBUTE, LIST, MAP, COMPOSITE,
        COMPOSITE_TYPE, TABULAR, TABULAR_TYPE, WRAPPED_LIST;

        static Kind of(String name, WireClass parent) {
            Kind kind = switch (name) {
                case "java.lang.Integer", "java.lang.Long", "java.lang.Double", "java.lang.Float",
                        "java.lang.Short", "java.lang.Byte", "java.util.concurrent.atomic.AtomicInteger",
                        "java.util.concurrent.atomic.AtomicLong" -> NUMBER_BOX;
                case "java.lang.Boolean" -> BOOLEAN;
                case "java.math.BigInteger" -> BIG_INTEGER;
                case "java.math.BigDecimal" -> BIG_DECIMAL;
                case "java.util.concurrent.atomic.LongAdder$SerializationProxy",
                        "java.util.concurrent.atomic.DoubleAdder$SerializationProxy",
                        "java.util.concurrent.atomic.LongAccumulator$SerializationProxy",
                        "java.util.concurrent.atomic.DoubleAccumulator$SerializationProxy" -> ADDER;
                case "java.util.Date" -> DATE;
                case "javax.management.ObjectName" -> OBJECT_NAME;
                case "javax.management.Attribute" -> ATTRIBUTE;
                case "java.util.ArrayList", "java.util.LinkedList", "java.util.Vector" -> LIST;
                case "java.util.TreeMap", "java.util.HashMap" -> MAP;
                case "javax.management.openmbean.CompositeDataSupport" -> COMPOSITE;
                case "javax.management.openmbean.CompositeType" -> COMPOSITE_TYPE;
                case "javax.management.openmbean.TabularDataSupport" -> TABULAR;
                case "javax.management.openmbean.TabularType" -> TABULAR_TYPE;
                case "java.util.Collections$UnmodifiableCollection", "java.util.Arrays$ArrayList",
                        "java.util.CollSer" -> WRAPPED_LIST;
                default -> OTHER;
            };
            return kind == OTHER && parent != null ? parent.kind : kind;
        }
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** How many fields an object of this class has with those of its parents, which come first. */
    int size() {
        return fields.length + (parent == null ? 0 : parent.size());
    }

    /** How many classes its line of parents has, with itself. */
    int generations() {
        int count = 1;
        for (WireClass ancestor = parent; ancestor != null; ancestor = ancestor.parent) {
            count++;
        }
        return count;
    }

    /** The index of a field among those of an object, −1 if there is none; the outermost parent's first. */
    int index(String field) {
        int above = parent == null ? 0 : parent.size();
        int found = parent == null ? -1 : parent.index(field);
        for (int i = 0; found < 0 && i < fields.length; i++) {
            if (fields[i].equals(field)) {
                found = above + i;
            }
        }
        return found;
    }

    boolean is(String ancestor) {
        return name.equals(ancestor) || (parent != null && parent.is(ancestor));
    }
}

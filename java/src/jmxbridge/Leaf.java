package jmxbridge;

import java.util.Arrays;

/**
 * One simple value inside an attribute: where it is found, and of what kind it is.
 *
 * @param attribute the attribute's index in the request
 * @param path the names passed on the way down: the attribute itself, then composite keys; empty at the top
 * @param name the attribute's name, or the last composite key
 * @param description of the composite type it is part of; null at the top, where the attribute has its own
 * @param row what a table's index columns add to the ObjectName's properties, in threes: column, part of a
 *     composite index or "", value
 */
record Leaf(int attribute, Kind kind, String[] path, String name, String description, String[] row) {
    /** What is found there; crosses to Python by its ordinal, where model.LeafKind is the same. */
    enum Kind {
        NUMBER,
        BOOLEAN,
        STRING,
        /** The value is null. */
        NULL,
        /** The attribute was asked for and is not in the answer: its getter failed. */
        ABSENT,
        /** The attribute's value can't be carried over the connection, so it is not asked for any more. */
        UNREADABLE,
        ARRAY,
        /** A value of a class that is no number, boolean, string, composite, table or array. */
        UNSUPPORTED,
        /** Not a value: a table is here, whose rows may come and go. */
        TABLE
    }

    static final String[] NONE = {};

    boolean same(int attribute, Kind kind, String[] path, String name, String[] row) {
        return this.kind == kind
                && this.attribute == attribute
                && this.name.equals(name)
                && Arrays.equals(this.path, path)
                && Arrays.equals(this.row, row);
    }

    boolean same(Leaf other) {
        return same(other.attribute, other.kind, other.path, other.name, other.row)
                && java.util.Objects.equals(description, other.description);
    }

    int hash() {
        int hash = attribute * 31 + kind.ordinal();
        hash = hash * 31 + Arrays.hashCode(path);
        hash = hash * 31 + name.hashCode();
        return hash * 31 + Arrays.hashCode(row);
    }
}

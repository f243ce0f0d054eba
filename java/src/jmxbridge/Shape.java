package jmxbridge;

/** The leaves of one answer in their order, without values; the same structure is the same object. */
final class Shape {
    final int id;
    final Leaf[] leaves;

    /** Made only by {@link ShapeTable}. */
    Shape(int id, Leaf[] leaves) {
        this.id = id;
        this.leaves = leaves;
    }
}

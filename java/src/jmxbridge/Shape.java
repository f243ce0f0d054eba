package jmxbridge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The leaves of one answer in their order, without values; the same answer structure is the same object. */
final class Shape {
    final int id;
    final Leaf[] leaves;

    private Shape(int id, Leaf[] leaves) {
        this.id = id;
        this.leaves = leaves;
    }

    /** What the key of the table of shapes compares. */
    private record Content(Leaf[] leaves) {
        @Override
        public boolean equals(Object other) {
            if (!(other instanceof Content content) || content.leaves.length != leaves.length) {
                return false;
            }
            for (int i = 0; i < leaves.length; i++) {
                if (!leaves[i].same(content.leaves[i])) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            int hash = leaves.length;
            for (Leaf leaf : leaves) {
                hash = hash * 31 + leaf.hash();
            }
            return hash;
        }
    }

    /** Gives each structure a number; the numbers of one table count up from 0. */
    static final class Table {
        private final Map<Content, Shape> shapes = new ConcurrentHashMap<>();
        private final AtomicInteger next = new AtomicInteger();

        Shape intern(Leaf[] leaves) {
            return shapes.computeIfAbsent(new Content(leaves), key -> new Shape(next.getAndIncrement(), key.leaves));
        }
    }
}

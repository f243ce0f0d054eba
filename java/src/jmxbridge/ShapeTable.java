package jmxbridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Gives each structure of an answer a number, counting up from 0; safe for several threads at once. */
final class ShapeTable {
    private final Map<Content, Shape> shapes = new ConcurrentHashMap<>();
    private final Queue<Shape> fresh = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();

    /** The one shape that has these leaves. */
    Shape intern(Leaf[] leaves) {
        return shapes.computeIfAbsent(new Content(leaves), key -> {
            Shape shape = new Shape(next.getAndIncrement(), key.leaves);
            fresh.add(shape);
            return shape;
        });
    }

    /** The shapes that are new since the last time, in about the order of their numbers. */
    List<Shape> takeNew() {
        List<Shape> taken = new ArrayList<>();
        for (Shape shape = fresh.poll(); shape != null; shape = fresh.poll()) {
            taken.add(shape);
        }
        return taken;
    }

    /** Leaves, compared by what they are. */
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
}

package jmxbridge;

import java.util.ArrayList;
import java.util.List;

/**
 * Where values lie: which shape each MBean's answer has, and which range of the table holds its numbers.
 *
 * <p>The only place that changes an MBean's shape and base. Safe for several threads at once, as long as each
 * MBean is one thread's.
 */
final class Placement {
    private final ShapeTable shapes = new ShapeTable();
    private final NumberTable table = new NumberTable();
    final TextBudget texts = new TextBudget();

    /** Keeps an MBean's first answer until {@link #narrow} gives its numbers a place in the table. */
    void keep(WatchedMBean mbean, Flattener.Flat flat) {
        mbean.shape = shapes.intern(flat.changed() == null ? new Leaf[0] : flat.changed());
        mbean.firstRead = flat;
    }

    /**
     * Asks for *request* from now on, which names some of the attributes that were read first: their numbers
     * go to the table.
     */
    void narrow(WatchedMBean mbean, Request request) {
        int[] index = new int[mbean.request.attributes().length];
        List<String> kept = List.of(request.attributes());
        for (int i = 0; i < index.length; i++) {
            index[i] = kept.indexOf(mbean.request.attributes()[i]);
        }
        List<Leaf> leaves = new ArrayList<>();
        double[] numbers = new double[mbean.shape.leaves.length];
        for (int i = 0; i < mbean.shape.leaves.length; i++) {
            Leaf leaf = mbean.shape.leaves[i];
            int attribute = index[leaf.attribute()];
            if (attribute >= 0) {
                numbers[leaves.size()] = mbean.firstRead.numbers()[i];
                leaves.add(new Leaf(attribute, leaf.kind(), leaf.path(), leaf.name(), leaf.description(), leaf.row()));
            }
        }
        release(mbean);
        mbean.request = request;
        place(mbean, leaves.toArray(new Leaf[0]), numbers);
    }

    /** Gives an answer of another structure its place. */
    synchronized void place(WatchedMBean mbean, Leaf[] leaves, double[] numbers) {
        release(mbean);
        mbean.shape = shapes.intern(leaves);
        mbean.base = table.allocate(leaves.length);
        table.store(mbean.base, numbers, leaves.length);
    }

    /** Stores the numbers of an answer that has the structure of the one before. */
    synchronized void store(WatchedMBean mbean, Flattener.Flat flat) {
        table.store(mbean.base, flat.numbers(), flat.size());
    }

    /** Forgets what an MBean answered, and gives back its place. */
    synchronized void release(WatchedMBean mbean) {
        if (mbean.base >= 0) {
            table.release(mbean.base, mbean.shape.leaves.length);
            mbean.base = -1;
        }
        mbean.shape = null;
        texts.release(mbean.texts);
        mbean.texts = null;
        mbean.firstRead = null;
    }

    /** All numbers as they are now. */
    synchronized double[] numbers() {
        return table.copy();
    }

    List<Shape> takeNewShapes() {
        return shapes.takeNew();
    }
}

package jmxbridge;

import java.util.List;
import java.util.Map;

/**
 * How a tracker's answers are laid out in {@link FlatArrays}; {@code jmx_bridge/jmx/_session.py} reads them.
 *
 * <p>A failure stands where a number would: −1 less its ordinal.
 */
final class Encoding {
    private Encoding() {}

    /**
     * Ints: number of MBeans; vanished: count, ids; appeared: count, (id, scopes); registered anew under a
     * known name: −1 if the target lost count, else count, ids; how many were left out as too many. Strings:
     * names of the appeared.
     */
    static FlatArrays changes(Membership.Changes changes) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        arrays.put(changes.found());
        putIds(arrays, changes.vanished());
        arrays.put(changes.appeared().size());
        changes.appeared().forEach(mbean -> arrays.put(mbean.id).put(mbean.scopes).put(mbean.name));
        if (changes.anew() == null) {
            arrays.put(-1);
        } else {
            putIds(arrays, changes.anew());
        }
        return arrays.put(changes.cut()).build();
    }

    private static void putIds(FlatArrays.Builder arrays, List<WatchedMBean> mbeans) {
        arrays.put(mbeans.size());
        mbeans.forEach(mbean -> arrays.put(mbean.id));
    }

    static int number(Failure failure) {
        return -1 - failure.ordinal();
    }

    /**
     * Ints: for each MBean its description's number, or its failure; then how many descriptions are new, and
     * for each: number, how many readable attributes, and whether each has a description (1) or not. Strings:
     * for each such attribute name, type, description.
     *
     * @param numbers by MBean; one without is late
     */
    static FlatArrays descriptions(
            List<WatchedMBean> mbeans, Map<WatchedMBean, Integer> numbers, List<Descriptions.Description> fresh) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        mbeans.forEach(mbean -> arrays.put(numbers.getOrDefault(mbean, number(Failure.LATE))));
        arrays.put(fresh.size());
        for (Descriptions.Description description : fresh) {
            arrays.put(description.number()).put(description.attributes().size());
            for (Descriptions.Attribute attribute : description.attributes()) {
                arrays.put(attribute.description() == null ? 0 : 1);
                arrays.put(attribute.name()).put(attribute.type()).put(attribute.description());
            }
        }
        return arrays.build();
    }

    /**
     * Ints: for each MBean its shape, or its failure; new shapes; texts: count, (id, leaf). Strings: those of
     * the shapes, then the texts.
     */
    static FlatArrays firstReading(List<WatchedMBean> mbeans, FirstReading reading, List<Shape> fresh) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (WatchedMBean mbean : mbeans) {
            arrays.put(mbean.shape != null ? mbean.shape.id : number(reading.failure(mbean)));
        }
        putShapes(arrays, fresh);
        int mark = arrays.mark();
        arrays.put(0);
        int count = 0;
        for (WatchedMBean mbean : mbeans) {
            count += putTexts(arrays, mbean);
        }
        arrays.set(mark, count);
        return arrays.build();
    }

    private static int putTexts(FlatArrays.Builder arrays, WatchedMBean mbean) {
        String[] texts = mbean.firstRead == null ? null : mbean.firstRead.texts();
        if (texts == null) {
            return 0;
        }
        int count = 0;
        for (int leaf = 0; leaf < Math.min(texts.length, mbean.firstRead.size()); leaf++) {
            if (texts[leaf] != null) {
                putText(arrays, mbean, leaf, texts[leaf]);
                count++;
            }
        }
        return count;
    }

    /** A text that there is no room for has −1 less the leaf. */
    private static void putText(FlatArrays.Builder arrays, WatchedMBean mbean, int leaf, String text) {
        arrays.put(mbean.id).put(text == TextBudget.TOO_MUCH ? -1 - leaf : leaf).put(text);
    }

    /** Ints: for each MBean shape and base, −1 where it has none; new shapes. Strings: those of the shapes. */
    static FlatArrays placed(List<WatchedMBean> mbeans, List<Shape> fresh) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (WatchedMBean mbean : mbeans) {
            arrays.put(mbean.shape == null ? -1 : mbean.shape.id).put(mbean.base);
        }
        putShapes(arrays, fresh);
        return arrays.build();
    }

    /**
     * Ints: unread: count, (id, failure's ordinal); changed: count, (id, shape, base); new shapes; texts that
     * changed: count, (id, leaf). Strings: those of the shapes, then the texts. Numbers: the table.
     */
    static FlatArrays reading(Reading reading, List<Shape> fresh, double[] numbers) {
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        arrays.put(reading.failed.size());
        reading.failed.forEach((mbean, failure) -> arrays.put(mbean.id).put(failure.ordinal()));
        arrays.put(reading.changed.size());
        reading.changed.forEach(mbean -> arrays.put(mbean.id).put(mbean.shape.id).put(mbean.base));
        putShapes(arrays, fresh);
        arrays.put(reading.texts.size());
        reading.texts.forEach(text -> putText(arrays, text.mbean(), text.leaf(), text.text()));
        return arrays.build(numbers);
    }

    /**
     * Count; then for each shape: number, leaves, and for each leaf attribute, kind, lengths of path and row,
     * whether it has a description (1); as strings its name, path, row and description.
     */
    private static void putShapes(FlatArrays.Builder arrays, List<Shape> shapes) {
        arrays.put(shapes.size());
        for (Shape shape : shapes) {
            arrays.put(shape.id).put(shape.leaves.length);
            for (Leaf leaf : shape.leaves) {
                arrays.put(leaf.attribute()).put(leaf.kind().ordinal());
                arrays.put(leaf.path().length).put(leaf.row().length);
                arrays.put(leaf.description() == null ? 0 : 1);
                arrays.put(leaf.name());
                putAll(arrays, leaf.path());
                putAll(arrays, leaf.row());
                if (leaf.description() != null) {
                    arrays.put(leaf.description());
                }
            }
        }
    }

    private static void putAll(FlatArrays.Builder arrays, String[] texts) {
        for (String text : texts) {
            arrays.put(text);
        }
    }
}

package jmxbridge;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * Turns one MBean's attribute values into leaves and numbers.
 *
 * <p>Strategy: an answer nearly always has the structure of the one before. So leaves are compared with the
 * expected shape as they come, and only their numbers are stored; from the first difference on, leaves are
 * recorded, and the caller gets a new shape. How composites and tables become leaves is jmx_exporter's.
 */
final class Flattener {
    /** Stands for an attribute that is not in the answer; null is a value. */
    static final Object ABSENT = new Object();
    /** Stands for an attribute that was not asked for, since its value can't be carried. */
    static final Object UNREADABLE = new Object();

    private static final Leaf[] UNKNOWN = {};
    /** A value that refers to its parts over and over is no reason to run out of memory, stack or time. */
    private static final int MOST_LEAVES = 200_000;
    private static final int MOST_STEPS = 1_000_000;
    private static final int MOST_DEPTH = 200;
    private static final int MOST_COLUMNS = 1000;

    private final Request request;
    private final Leaf[] expected;
    private List<Leaf> recorded;
    private int size;
    private int attribute;
    private int steps;
    private int depth;
    private double[] numbers;
    private String[] texts;

    Flattener(Request request, Shape expected) {
        this.request = request;
        this.expected = expected == null ? UNKNOWN : expected.leaves;
        this.numbers = new double[Math.max(this.expected.length, request.attributes().length)];
    }

    /**
     * One MBean's flattened values.
     *
     * @param changed the leaves, if they differ from what was expected, else null
     * @param numbers one for each leaf; may be longer than *size*
     * @param texts the texts that the request wants, null where it wants none; may be null or shorter
     */
    record Flat(Leaf[] changed, double[] numbers, int size, String[] texts) {}

    Flat flatten(Object[] values) {
        for (attribute = 0; attribute < values.length; attribute++) {
            walk(Leaf.NONE, request.attributes()[attribute], null, Leaf.NONE, values[attribute]);
        }
        if (recorded == null && size != expected.length) {
            record();
        }
        Leaf[] changed = recorded == null ? null : recorded.toArray(UNKNOWN);
        return new Flat(changed, numbers, size, texts);
    }

    private void walk(String[] path, String name, String description, String[] row, Object value) {
        if (value instanceof Number number) {
            leaf(Leaf.Kind.NUMBER, path, name, description, row, number.doubleValue(), number);
        } else if (value instanceof Boolean flag) {
            leaf(Leaf.Kind.BOOLEAN, path, name, description, row, flag ? 1 : 0, flag);
        } else if (value instanceof String text) {
            leaf(Leaf.Kind.STRING, path, name, description, row, Double.NaN, text);
        } else if (value instanceof Date date) {
            double seconds = date.getTime() / 1000.0;
            leaf(Leaf.Kind.NUMBER, path, name, description, row, seconds, seconds);
        } else if (value instanceof Composite composite) {
            walkComposite(path, name, row, composite);
        } else if (value instanceof Table table) {
            walkTable(path, name, description, row, table);
        } else if (value instanceof CompositeData composite) {
            walkComposite(path, name, row, Composite.of(composite));
        } else if (value instanceof TabularData table) {
            walkTable(path, name, description, row, Table.of(table));
        } else if (value instanceof Enum<?> constant) {
            leaf(Leaf.Kind.STRING, path, name, description, row, Double.NaN, constant.toString());
        } else {
            leaf(kindOfNoSample(value), path, name, description, row, Double.NaN, null);
        }
    }

    private static Leaf.Kind kindOfNoSample(Object value) {
        if (value == null) {
            return Leaf.Kind.NULL;
        }
        if (value == ABSENT) {
            return Leaf.Kind.ABSENT;
        }
        if (value == UNREADABLE) {
            return Leaf.Kind.UNREADABLE;
        }
        boolean array = value instanceof Opaque opaque ? opaque.array() : value.getClass().isArray();
        return array ? Leaf.Kind.ARRAY : Leaf.Kind.UNSUPPORTED;
    }

    private void enter() {
        if (++depth > MOST_DEPTH) {
            throw new IllegalStateException("a value nested more deeply than allowed");
        }
    }

    private void step() {
        if (++steps > MOST_STEPS) {
            throw new IllegalStateException("more values in one MBean than allowed");
        }
    }

    private void walkComposite(String[] path, String name, String[] row, Composite composite) {
        enter();
        String[] inner = append(path, name);
        for (int i = 0; i < composite.keys().length; i++) {
            step();
            walk(inner, composite.keys()[i], composite.description(), row, composite.values()[i]);
        }
        depth--;
    }

    private void walkTable(String[] path, String name, String description, String[] row, Table table) {
        enter();
        if (table.columns().size() + table.index().size() > MOST_COLUMNS) {
            throw new IllegalStateException("a table with more columns than allowed");
        }
        leaf(Leaf.Kind.TABLE, path, name, description, row, Double.NaN, null);
        String[] inner = append(path, name);
        for (Composite cells : table.rows()) {
            step();
            String[] named = indexed(row, table.index(), cells);
            for (String column : table.columns()) {
                // An MXBean's Map is a table of the columns key and value; as in jmx_exporter,
                // a column of that name adds nothing to the path.
                boolean elided = column.equalsIgnoreCase("value");
                walk(elided ? path : inner, elided ? name : column, table.description(), named, cells.get(column));
            }
        }
        depth--;
    }

    /** What a row's index columns add to the properties; names that are taken there are told apart later. */
    private static String[] indexed(String[] row, List<String> index, Composite cells) {
        List<String> named = new ArrayList<>(Arrays.asList(row));
        for (String column : index) {
            Object value = cells.get(column);
            if (value instanceof CompositeData data) {
                value = Composite.of(data);
            }
            if (value instanceof Composite parts) {
                for (int i = 0; i < parts.keys().length; i++) {
                    add(named, column, parts.keys()[i], parts.values()[i]);
                }
            } else {
                add(named, column, "", value);
            }
        }
        return named.toArray(Leaf.NONE);
    }

    private static void add(List<String> named, String column, String part, Object value) {
        if (value != null) {
            named.add(column);
            named.add(part);
            named.add(text(value));
        }
    }

    private static String text(Object value) {
        return value.getClass().isArray() ? "array of " + Array.getLength(value) : value.toString();
    }

    private void leaf(
            Leaf.Kind kind, String[] path, String name, String description, String[] row, double number,
            Object source) {
        if (recorded == null
                && (size >= expected.length || !expected[size].same(attribute, kind, path, name, row))) {
            record();
        }
        if (size == MOST_LEAVES) {
            throw new IllegalStateException("more values in one MBean than allowed");
        }
        if (recorded != null) {
            recorded.add(new Leaf(attribute, kind, path, name, description, row));
        }
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size * 2 + 4);
        }
        numbers[size] = number;
        Request.Texts wanted = request.texts()[attribute];
        if (source != null && wanted.includes(kind)) {
            keepText(source.toString());
        }
        size++;
    }

    private void keepText(String text) {
        if (texts == null) {
            texts = new String[numbers.length];
        } else if (size >= texts.length) {
            texts = Arrays.copyOf(texts, numbers.length);
        }
        texts[size] = text.length() <= TextBudget.LONGEST ? text : begin(text);
    }

    private static String begin(String text) {
        // Half of a surrogate pair is no text.
        boolean half = Character.isHighSurrogate(text.charAt(TextBudget.LONGEST - 1));
        return text.substring(0, half ? TextBudget.LONGEST - 1 : TextBudget.LONGEST);
    }

    private void record() {
        recorded = new ArrayList<>(Arrays.asList(expected).subList(0, Math.min(size, expected.length)));
    }

    private static String[] append(String[] path, String name) {
        String[] longer = Arrays.copyOf(path, path.length + 1);
        longer[path.length] = name;
        return longer;
    }
}

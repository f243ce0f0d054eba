package jmxbridge;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which strings of an answer are taken, if it is a table of keys and values: some keys, and their values. Any
 * other is skipped where it lies, and never becomes an object of ours.
 *
 * @param texts that are taken wherever they come
 * @param handles strings that are taken besides, by their number in the stream
 */
record Withholding(List<String> keys, List<String> texts, Set<Integer> handles) {
    static final String KEY = "key";
    static final String VALUE = "value";

    /** Stands for a string that was not taken. */
    record Withheld(int handle) {}

    static Withholding allBut(List<String> keys, Set<Integer> handles) {
        return new Withholding(keys, Stream.concat(keys.stream(), Stream.of(KEY, VALUE)).toList(), handles);
    }

    /** Whether to take a string of any text: what *map* has as the value of one of the keys. */
    boolean takes(int handle, WireObject map) {
        boolean value = map != null && map.written.size() == 3 && map.written.get(1) instanceof String key && keys.contains(key);
        return value || handles.contains(handle);
    }
}

package jmxbridge;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What crosses from Java to Python: three flat arrays, copied in bulk.
 *
 * <p>Strings are UTF-8, joined by NUL; a NUL inside a string becomes U+FFFD, an unpaired surrogate "?", and
 * what is null is empty: whatever a target sends, there are as many as the other side reads.
 */
public record FlatArrays(int[] ints, double[] numbers, byte[] strings) {

    private static final double[] NO_NUMBERS = {};

    /** Collects a arrays's ints and strings in the order in which they are read again. */
    static final class Builder {
        private int[] ints = new int[64];
        private int size;
        private int strings;
        private final StringBuilder text = new StringBuilder();

        Builder put(int value) {
            if (size == ints.length) {
                ints = Arrays.copyOf(ints, size * 2);
            }
            ints[size++] = value;
            return this;
        }

        Builder put(String value) {
            if (strings++ > 0) {
                text.append('\0');
            }
            if (value != null) {
                text.append(value.indexOf('\0') < 0 ? value : value.replace('\0', '\uFFFD'));
            }
            return this;
        }

        /** Where the next int goes; see {@link #set}. */
        int mark() {
            return size;
        }

        /** Replaces an int put earlier: a count known only afterwards. */
        void set(int at, int value) {
            ints[at] = value;
        }

        FlatArrays build() {
            return build(NO_NUMBERS);
        }

        FlatArrays build(double[] numbers) {
            return new FlatArrays(
                    Arrays.copyOf(ints, size), numbers, text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}

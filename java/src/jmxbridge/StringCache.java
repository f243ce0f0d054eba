package jmxbridge;

import java.nio.charset.StandardCharsets;

/**
 * Strings that answers repeat (names of MBeans, attributes, classes), so that each is one object.
 *
 * <p>A cache, not a set: a string may push out another. Several threads may use it at once without a lock, as
 * a String is safe to share and losing one only costs making it again.
 */
final class StringCache {
    private static final int LEAST = 1 << 12;
    private static final int MOST = 1 << 18;
    private static final int LONGEST = 512;

    private volatile String[] slots = new String[LEAST];
    private int pushedOut;

    /** The string whose ASCII bytes these are; null if they are not ASCII, or too many. */
    String maybeFind(byte[] bytes, int at, int length) {
        if (length > LONGEST) {
            return null;
        }
        int hash = 0;
        for (int i = at; i < at + length; i++) {
            if (bytes[i] <= 0) {
                return null;
            }
            hash = hash * 31 + bytes[i];
        }
        String[] table = slots;
        int slot = slot(hash, table.length);
        for (int i = slot; i <= slot + 1; i++) {
            String known = table[i];
            if (known != null && same(known, bytes, at, length)) {
                return known;
            }
        }
        return keep(new String(bytes, at, length, StandardCharsets.ISO_8859_1), table, slot);
    }

    /** Where a string is looked for, with the place behind it. */
    private static int slot(int hash, int size) {
        return (hash ^ hash >>> 15) & size - 2;
    }

    private String keep(String text, String[] table, int slot) {
        if (table[slot] != null && table[slot + 1] != null && ++pushedOut > table.length / 4 && table.length < MOST) {
            grow(table);
            return text;
        }
        table[slot + 1] = table[slot];
        table[slot] = text;
        return text;
    }

    private synchronized void grow(String[] table) {
        if (table != slots) {
            return;
        }
        String[] larger = new String[table.length * 2];
        for (String text : table) {
            if (text != null) {
                int slot = slot(text.hashCode(), larger.length);
                larger[slot + 1] = larger[slot];
                larger[slot] = text;
            }
        }
        slots = larger;
        pushedOut = 0;
    }

    private static boolean same(String known, byte[] bytes, int at, int length) {
        if (known.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[at + i] != known.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}

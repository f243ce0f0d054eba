package jmxbridge;

/**
 * A text to match, which counts how often it is looked at.
 *
 * <p>{@code java.util.regex} reads by {@link #charAt}, at least once on each way that it tries, so this bounds a
 * match by its own work, however fast the machine is; a clock would give other results on another one.
 */
final class Subject implements CharSequence {
    /** More characters were looked at than allowed. */
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exhausted() {
            super(null, null, false, false);
        }
    }

    private final String text;
    /** Reading these, and counting, takes no longer than reading a String does. */
    private final char[] chars;
    private int most;
    private int left;

    Subject(String text) {
        this.text = text;
        this.chars = text.toCharArray();
    }

    int looks() {
        return most - left;
    }

    /** Begins a match, which may look at *looks* characters. */
    void renew(int looks) {
        most = looks;
        left = looks;
    }

    @Override
    public char charAt(int index) {
        if (--left < 0) {
            throw new Exhausted();
        }
        return chars[index];
    }

    @Override
    public int length() {
        return chars.length;
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}

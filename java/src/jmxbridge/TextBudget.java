package jmxbridge;

/**
 * How much text of a target is kept at a time: that of first readings since the last scrape, and that of planned
 * MBeans, which stays from scrape to scrape.
 *
 * <p>Short texts, and so all numbers, are free. A text that is kept stays so while others come and go; one beyond
 * the limit becomes {@link #TOO_MUCH}. Safe for several threads.
 */
final class TextBudget {
    /** Stands for a text that there is no room for; compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    static final String TOO_MUCH = new String("");

    /** What rules see of a longer text is its beginning; {@code docs/rules.md} says so. */
    static final int LONGEST = 8192;

    private static final int FREE = 64;
    private static final int MOST = 8 << 20;

    private long first;
    private long kept;

    /** A first reading's text, or TOO_MUCH. */
    synchronized String first(String text) {
        int weight = weight(text);
        if (first + weight > MOST) {
            return TOO_MUCH;
        }
        first += weight;
        return text;
    }

    /** A planned MBean's text in the place of *old*, which may be null; or TOO_MUCH. */
    synchronized String instead(String old, String text) {
        long others = kept - weight(old);
        if (others + weight(text) > MOST) {
            kept = others;
            return TOO_MUCH;
        }
        kept = others + weight(text);
        return text;
    }

    /** What first readings brought is planned by now, or given up. */
    synchronized void begin() {
        first = 0;
    }

    /** An MBean's texts, which may be null, are kept no more. */
    synchronized void release(String[] texts) {
        if (texts != null) {
            for (String text : texts) {
                kept -= weight(text);
            }
        }
    }

    private static int weight(String text) {
        return text == null || text.length() <= FREE ? 0 : text.length();
    }
}

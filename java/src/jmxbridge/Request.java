package jmxbridge;

/**
 * Which attributes an MBean is asked for, shared by all MBeans that are asked the same.
 *
 * @param attributes names in the order of the MBean's description
 * @param texts for each attribute, whose values' text is wanted
 */
record Request(String[] attributes, Texts[] texts) {

    /** Which values' text is wanted besides their number; in the order of Python's abc.Texts. */
    enum Texts {
        NONE,
        STRINGS,
        ALL;

        boolean includes(Leaf.Kind kind) {
            return this == ALL || (this == STRINGS && kind == Leaf.Kind.STRING);
        }
    }

    /** A request as it comes from Python: names joined by NUL, and the ordinal of a Texts for each. */
    static Request parse(String joined, byte[] texts) {
        Texts[] wanted = new Texts[texts.length];
        for (int i = 0; i < texts.length; i++) {
            wanted[i] = Texts.values()[texts[i]];
        }
        return new Request(texts.length == 0 ? Leaf.NONE : joined.split("\0", -1), wanted);
    }
}

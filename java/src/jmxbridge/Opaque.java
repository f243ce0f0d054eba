package jmxbridge;

/**
 * A value that cannot become a sample.
 *
 * @param array whether it is an array
 */
record Opaque(String kind, boolean array) {
    @Override
    public String toString() {
        return kind;
    }
}

package jmxbridge;

/**
 * Which attributes an MBean is asked for, shared by all MBeans that are asked the same.
 *
 * @param attributes names in the order of the MBean's description
 * @param texts for each attribute, whose values' text is wanted: one of the constants here
 */
record Request(String[] attributes, byte[] texts) {
    static final byte NO_TEXT = 0;
    static final byte STRINGS = 1;
    static final byte ALL_TEXT = 2;
}

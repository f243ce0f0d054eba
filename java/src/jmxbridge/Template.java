package jmxbridge;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;

/**
 * A replacement text with group references, read once.
 *
 * <p>It expands as {@link Matcher#appendReplacement} documents it: {@code $12} is group 12 if there are so
 * many groups, else group 1 and a "2"; {@code ${name}} is a named group; a backslash takes what follows
 * literally. Matcher itself reads the text and searches again for each use.
 */
final class Template {
    private final String text;
    private final int groups;
    private final List<Object> parts = new ArrayList<>();
    private boolean bad;

    /** *groups*: how many the pattern has. A template that no match can expand is remembered as such. */
    Template(String text, int groups) {
        this.text = text;
        this.groups = groups;
        try {
            read();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            bad = true;
        }
    }

    private void read() {
        StringBuilder literal = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\') {
                literal.append(text.charAt(++at));
            } else if (c != '$') {
                literal.append(c);
            } else {
                parts.add(literal.toString());
                literal.setLength(0);
                at = text.charAt(at + 1) == '{' ? named(at + 2) : numbered(at + 1);
            }
        }
        parts.add(literal.toString());
    }

    /** Reads a name up to its brace; returns the brace's index. */
    private int named(int start) {
        int end = text.indexOf('}', start);
        String name = end < 0 ? "" : text.substring(start, end);
        if (!name.matches("[a-zA-Z][a-zA-Z0-9]*")) {
            throw new IllegalArgumentException(text);
        }
        parts.add(new Name(name));
        return end;
    }

    /** Reads a number, as long as there are so many groups; returns the index of its last digit. */
    private int numbered(int start) {
        int number = digit(start);
        if (number < 0 || number > groups) {
            throw new IndexOutOfBoundsException(text);
        }
        int at = start;
        while (at + 1 < text.length() && digit(at + 1) >= 0 && number * 10 + digit(at + 1) <= groups) {
            number = number * 10 + digit(++at);
        }
        parts.add(number);
        return at;
    }

    private int digit(int at) {
        char c = text.charAt(at);
        return c >= '0' && c <= '9' ? c - '0' : -1;
    }

    private record Name(String name) {}

    /** Null when the template refers to a group that isn't there. */
    String expand(Matcher match) {
        if (bad) {
            return null;
        }
        if (parts.size() == 1) {
            return (String) parts.get(0);
        }
        StringBuilder expanded = new StringBuilder();
        for (Object part : parts) {
            if (part instanceof String literal) {
                expanded.append(literal);
                continue;
            }
            String group;
            try {
                group = part instanceof Name name ? match.group(name.name()) : match.group((Integer) part);
            } catch (IllegalArgumentException e) {
                return null;
            }
            if (group != null) {
                expanded.append(group);
            }
        }
        return expanded.toString();
    }
}

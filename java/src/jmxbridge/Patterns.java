package jmxbridge;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * Java's regular expressions for many subjects at a time.
 *
 * <p>A pattern may stand anywhere in its subject, groups bind as far right as they can, and a subject with a
 * line terminator outside the pattern's own match doesn't match: that is what wrapping it in {@code ^.*(?: )
 * .*$} means.
 */
public final class Patterns {
    private static final String SPLIT = "\0";
    private static final Pattern TERMINATOR = Pattern.compile("[\\n\\r\\u0085\\u2028\\u2029]");

    private final Pattern[] patterns;
    private final Template[][] templates;
    private final String[][] texts;

    private Patterns(Pattern[] patterns, String[][] texts) {
        this.patterns = patterns;
        this.texts = texts;
        this.templates = new Template[patterns.length][];
        for (int i = 0; i < patterns.length; i++) {
            int groups = patterns[i].matcher("").groupCount();
            templates[i] = Arrays.stream(texts[i]).map(text -> new Template(text, groups)).toArray(Template[]::new);
        }
    }

    /**
     * @param strings the patterns, and behind each its templates, joined by NUL
     * @param templates how many templates each pattern has
     */
    public static Patterns compile(byte[] strings, int[] templates) {
        String[] parts = split(strings);
        Pattern[] patterns = new Pattern[templates.length];
        String[][] expansions = new String[templates.length][];
        int at = 0;
        for (int i = 0; i < templates.length; i++) {
            patterns[i] = wrap(parts[at++]);
            expansions[i] = Arrays.copyOfRange(parts, at, at + templates[i]);
            at += templates[i];
        }
        return new Patterns(patterns, expansions);
    }

    private static Pattern wrap(String pattern) {
        return Pattern.compile("^.*(?:" + pattern + ").*$");
    }

    /** Null for a good pattern, else the index of the mistake (−1: unknown) and what it is, apart by a NUL. */
    public static String problem(String pattern) {
        try {
            Pattern.compile(pattern);
            wrap(pattern);
            return null;
        } catch (PatternSyntaxException e) {
            return e.getIndex() + SPLIT + e.getDescription();
        } catch (StackOverflowError e) {
            return "-1" + SPLIT + "nested too deeply";
        }
    }

    /** How many groups a good pattern has. */
    public static int groups(String pattern) {
        return Pattern.compile(pattern).matcher("").groupCount();
    }

    /**
     * For each question the first of its candidates that matches, with that pattern's templates expanded.
     *
     * @param subjects joined by NUL
     * @param questions each question's number of candidates, then its candidates: subject, pattern
     * @return ints: for each question the index of its candidate or −1, and the number of templates that
     *     refer to a group that isn't there; strings: the expansions of all matches
     */
    public FlatArrays match(byte[] subjects, int[] questions, int count) {
        String[] texts = split(subjects);
        int[] starts = new int[count];
        for (int i = 0, at = 0; i < count; i++) {
            starts[i] = at;
            at += 1 + 2 * questions[at];
        }
        Found[] found = new Found[count];
        IntStream each = IntStream.range(0, count);
        // Threads pay only for batches; a scrape's few changed values are matched where they are.
        (count > 256 ? each.parallel() : each)
                .forEach(i -> found[i] = first(texts, questions, starts[i]));
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (Found one : found) {
            arrays.put(one.candidate).put(one.bad);
            one.expansions.forEach(arrays::put);
        }
        return arrays.build();
    }

    private record Found(int candidate, int bad, List<String> expansions) {
        static final Found NOTHING = new Found(-1, 0, List.of());
    }

    private Found first(String[] texts, int[] questions, int start) {
        for (int i = 0; i < questions[start]; i++) {
            int pattern = questions[start + 2 + 2 * i];
            Matcher matcher = patterns[pattern].matcher(texts[questions[start + 1 + 2 * i]]);
            try {
                if (matcher.matches()) {
                    return expand(i, matcher, pattern);
                }
            } catch (StackOverflowError e) {
                // A pattern that recurses deeper than the stack is one that does not match.
            }
        }
        return Found.NOTHING;
    }

    private Found expand(int candidate, Matcher matcher, int pattern) {
        boolean oneLine = matcher.end() == 0 || !TERMINATOR.matcher(matcher.group()).find();
        String[] expansions = new String[templates[pattern].length];
        int bad = 0;
        for (int i = 0; i < expansions.length; i++) {
            // With several lines in the subject, searching may find another match than the whole one.
            String text = oneLine ? templates[pattern][i].expand(matcher) : replaced(matcher, texts[pattern][i]);
            bad += text == null ? 1 : 0;
            expansions[i] = text == null ? "" : text;
        }
        return new Found(candidate, bad, List.of(expansions));
    }

    private static String replaced(Matcher matcher, String template) {
        try {
            return matcher.replaceAll(template);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static String[] split(byte[] joined) {
        return new String(joined, StandardCharsets.UTF_8).split(SPLIT, -1);
    }
}

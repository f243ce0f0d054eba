package jmxbridge;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Java's regular expressions for many subjects at a time.
 *
 * <p>A pattern may stand anywhere in its subject, groups bind as far right as they can, and a subject with a
 * line terminator outside the pattern's own match doesn't match: that is what wrapping it in {@code ^.*(?: )
 * .*$} means.
 *
 * <p>Every match ends: its steps are counted ({@link Subject}, {@link StepBudget}), and it runs on a stack whose
 * size doesn't depend on who asks ({@link Workers}). Where a pattern could not be tried to its end, whether it
 * matches is not known, so the question is undecided and no later pattern answers it.
 */
public final class Patterns {
    private static final String SPLIT = "\0";
    private static final Pattern TERMINATOR = Pattern.compile("[\\n\\r\\u0085\\u2028\\u2029]");

    /** Threads pay only for batches; a scrape's few changed values are one's work. */
    private static final int MANY = 256;

    /** Why a question is undecided; crosses to Python by its ordinal. */
    enum Undecided {
        /** A match took more steps than allowed. */
        STEPS,
        /** A match recursed deeper than the stack. */
        STACK,
        /** The pattern took more steps in one scrape than allowed, and is not tried any more. */
        RESTS
    }

    private final Pattern[] patterns;
    /** How many steps each look at a character counts for. */
    private final int[] steps;
    private final StepBudget budget;
    /** How long each pattern was tried, in nanoseconds of all threads together; null where nobody asks. */
    private final AtomicLongArray nanos;
    private final Template[][] templates;
    private final String[][] texts;
    /** When trying ends, on nanoTime's clock; whatever is asked then is undecided. Of no meaning unless *limited*. */
    private volatile long ends;
    private volatile boolean limited;

    private Patterns(Pattern[] patterns, int[] steps, String[][] texts, boolean measured) {
        this.patterns = patterns;
        this.steps = steps;
        this.texts = texts;
        this.budget = new StepBudget(patterns.length);
        this.nanos = measured ? new AtomicLongArray(patterns.length) : null;
        this.templates = new Template[patterns.length][];
        for (int i = 0; i < patterns.length; i++) {
            int groups = patterns[i].matcher("").groupCount();
            templates[i] = Arrays.stream(texts[i]).map(text -> new Template(text, groups)).toArray(Template[]::new);
        }
    }

    /**
     * @param strings the patterns, and behind each its templates, joined by NUL
     * @param templates how many templates each pattern has
     * @param steps how many steps a look at a character counts for in each: what is tried between two looks
     * @param measured whether to keep how long each pattern was tried
     */
    public static Patterns compile(byte[] strings, int[] templates, int[] steps, boolean measured) {
        String[] parts = split(strings);
        Pattern[] patterns = new Pattern[templates.length];
        String[][] expansions = new String[templates.length][];
        int at = 0;
        for (int i = 0; i < templates.length; i++) {
            patterns[i] = wrap(parts[at++]);
            expansions[i] = Arrays.copyOfRange(parts, at, at + templates[i]);
            at += templates[i];
        }
        return new Patterns(patterns, steps, expansions, measured);
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

    /** Begins a scrape: gives each pattern that doesn't rest its budget of steps again. */
    public void renew() {
        budget.renew();
    }

    /** Lets trying end so many nanoseconds from now, for matches under way, too; from any thread. */
    public void limit(long nanos) {
        ends = System.nanoTime() + nanos;
        limited = true;
    }

    private boolean ended() {
        return limited && System.nanoTime() - ends >= 0;
    }

    /** How long each pattern was tried, in seconds of all threads together; empty where that isn't measured. */
    public double[] seconds() {
        double[] seconds = new double[nanos == null ? 0 : nanos.length()];
        Arrays.setAll(seconds, i -> nanos.get(i) / 1e9);
        return seconds;
    }

    /**
     * For each question the first of its candidates that matches, with that pattern's templates expanded.
     *
     * @param subjects joined by NUL
     * @param questions each question's number of candidates, then its candidates: subject, pattern
     * @return ints: for each question the index of its candidate or −1, and the number of templates that
     *     refer to a group that isn't there, or, where the candidate could not be tried to its end, −1 less the
     *     ordinal of why; strings: the expansions of all matches
     */
    public FlatArrays match(byte[] subjects, int[] questions, int count) {
        String[] texts = split(subjects);
        int[] starts = new int[count];
        for (int i = 0, at = 0; i < count; i++) {
            starts[i] = at;
            at += 1 + 2 * questions[at];
        }
        Found[] found = new Found[count];
        Workers.run(count, count > MANY, i -> found[i] = first(texts, questions, starts[i]));
        FlatArrays.Builder arrays = new FlatArrays.Builder();
        for (Found one : found) {
            arrays.put(one.candidate).put(one.bad);
            one.expansions.forEach(arrays::put);
        }
        return arrays.build();
    }

    private record Found(int candidate, int bad, List<String> expansions) {
        static final Found NOTHING = new Found(-1, 0, List.of());

        static Found undecided(int candidate, Undecided why) {
            return new Found(candidate, -1 - why.ordinal(), List.of());
        }
    }

    private Found first(String[] texts, int[] questions, int start) {
        Subject subject = null;
        int last = -1;
        for (int i = 0; i < questions[start]; i++) {
            int pattern = questions[start + 2 + 2 * i];
            if (budget.resting(pattern)) {
                return Found.undecided(i, Undecided.RESTS);
            }
            if (ended()) {
                return Found.undecided(i, Undecided.STEPS);
            }
            int text = questions[start + 1 + 2 * i];
            if (text != last) {
                subject = new Subject(texts[text]);
                last = text;
            }
            subject.renew(StepBudget.MOST_IN_MATCH / steps[pattern]);
            long began = nanos == null ? 0 : System.nanoTime();
            Matcher matcher = patterns[pattern].matcher(subject);
            try {
                if (matcher.matches()) {
                    return expand(i, matcher, pattern);
                }
            } catch (Subject.Exhausted e) {
                return Found.undecided(i, Undecided.STEPS);
            } catch (StackOverflowError e) {
                return Found.undecided(i, Undecided.STACK);
            } finally {
                spend(pattern, subject, began);
            }
        }
        return Found.NOTHING;
    }

    /** Counts what a pattern took of its budget, and of time where that is measured. */
    private void spend(int pattern, Subject subject, long began) {
        budget.spend(pattern, subject.looks() * steps[pattern]);
        if (nanos != null) {
            nanos.addAndGet(pattern, System.nanoTime() - began);
        }
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

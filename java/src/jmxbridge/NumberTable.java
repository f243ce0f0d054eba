package jmxbridge;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** The table of numbers, in which every MBean has a range of its own that moves only when its size changes. */
final class NumberTable {
    private double[] numbers = new double[256];
    private int end;
    private final Map<Integer, Deque<Integer>> free = new HashMap<>();

    int allocate(int size) {
        Deque<Integer> same = free.get(size);
        if (same != null && !same.isEmpty()) {
            return same.pop();
        }
        int base = end;
        end += size;
        if (end > numbers.length) {
            numbers = Arrays.copyOf(numbers, Math.max(end, numbers.length + numbers.length / 2));
        }
        return base;
    }

    void release(int base, int size) {
        free.computeIfAbsent(size, key -> new ArrayDeque<>()).push(base);
    }

    void store(int base, double[] from, int size) {
        System.arraycopy(from, 0, numbers, base, size);
    }

    double[] copy() {
        return Arrays.copyOf(numbers, end);
    }
}

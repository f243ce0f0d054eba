package jmxbridge;

import java.util.HashMap;
import java.util.Map;

/** Takes the answers of MBeans that are read for the first time, to learn their shapes. */
final class FirstReading implements Wire.Sink<Object[]> {
    private final Placement placement;
    private final SlowMBeans slow;
    private final Map<WatchedMBean, Failure> failed = new HashMap<>();

    FirstReading(Placement placement, SlowMBeans slow) {
        this.placement = placement;
        this.slow = slow;
    }

    @Override
    public void answer(WatchedMBean mbean, Object[] values) {
        mbean.answered();
        Flattener.Flat flat = new Flattener(mbean.request, null).flatten(values);
        if (flat.texts() != null) {
            for (int i = 0; i < flat.texts().length; i++) {
                flat.texts()[i] = flat.texts()[i] == null ? null : placement.texts.first(flat.texts()[i]);
            }
        }
        placement.keep(mbean, flat);
    }

    @Override
    public void failed(WatchedMBean mbean, Failure failure, Throwable error) {
        slow.note(mbean, failure);
        failed.put(mbean, failure);
    }

    /** Why an MBean without a shape has none. */
    Failure failure(WatchedMBean mbean) {
        return failed.getOrDefault(mbean, Failure.LATE);
    }
}

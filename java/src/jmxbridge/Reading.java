package jmxbridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes the answers of one scrape: numbers into the table, and what is different from the scrape before. */
final class Reading implements Wire.Sink<Object[]> {
    final Map<WatchedMBean, Failure> failed = new HashMap<>();
    /** The MBeans whose answer has another structure. */
    final List<WatchedMBean> changed = new ArrayList<>();
    /** The wanted texts that are others. */
    final List<Text> texts = new ArrayList<>();

    private final Placement placement;
    private final SlowMBeans slow;

    Reading(Placement placement, SlowMBeans slow) {
        this.placement = placement;
        this.slow = slow;
    }

    /** A value's text. */
    record Text(WatchedMBean mbean, int leaf, String text) {}

    @Override
    public void answer(WatchedMBean mbean, Object[] values) {
        mbean.answered();
        Flattener.Flat flat = new Flattener(mbean.request, mbean.shape).flatten(values);
        if (flat.changed() == null) {
            placement.store(mbean, flat);
        } else {
            placement.place(mbean, flat.changed(), flat.numbers());
            changed.add(mbean);
        }
        keepTexts(mbean, flat);
    }

    private void keepTexts(WatchedMBean mbean, Flattener.Flat flat) {
        if (flat.texts() == null) {
            return;
        }
        if (mbean.texts == null) {
            mbean.texts = new String[flat.size()];
        }
        for (int leaf = 0; leaf < Math.min(flat.texts().length, flat.size()); leaf++) {
            String text = flat.texts()[leaf];
            String old = mbean.texts[leaf];
            if (text == null || (text.equals(old) && old != TextBudget.TOO_MUCH)) {
                continue;
            }
            String kept = placement.texts.instead(old, text);
            mbean.texts[leaf] = kept;
            if (kept != old) {
                texts.add(new Text(mbean, leaf, kept));
            }
        }
    }

    @Override
    public void failed(WatchedMBean mbean, Failure failure, Throwable error) {
        slow.note(mbean, failure);
        failed.put(mbean, failure);
    }
}

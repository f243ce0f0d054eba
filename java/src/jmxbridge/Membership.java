package jmxbridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.ObjectName;

/**
 * Which MBeans there are: the known ones by name and by number, and what became of them since the last look.
 *
 * <p>An MBean has a number for as long as its name is there; numbers are used again.
 */
final class Membership {
    /** A scope: what the rules may see. */
    static final int RULES = 1;
    /** A scope: what the JVM's own metrics need. */
    static final int PLATFORM = 2;

    private final Scope scope;
    private final List<ObjectName> queries;
    /** So many of the queries, at the beginning, are for the rules, and the others for the JVM's metrics. */
    private final int forRules;
    private final int most;
    private final Map<String, WatchedMBean> known = new HashMap<>();
    /** Names that no scope admits, with the round that last saw them. */
    private final Map<String, Integer> ignored = new HashMap<>();
    private final List<WatchedMBean> byId = new ArrayList<>();
    private final List<Integer> freeIds = new ArrayList<>();
    private int round;
    private int cut;

    /** No more than *most* MBeans are known, besides those of *platform*. */
    Membership(Scope scope, List<ObjectName> platform, int most) {
        this.scope = scope;
        this.queries = new ArrayList<>(scope.queries());
        this.forRules = queries.size();
        this.most = most;
        queries.addAll(platform);
    }

    /**
     * What changed from one look to the next.
     *
     * @param found how many MBeans the queries find, also those that no scope admits; without those cut
     * @param anew known names whose MBean is another; null if the target lost count
     * @param cut how many are not known because there are too many
     */
    record Changes(
            int found, List<WatchedMBean> vanished, List<WatchedMBean> appeared, List<WatchedMBean> anew, int cut) {}

    /** Asks which names there are; what vanished is not known afterwards, and what appeared is. */
    Changes look(Wire wire, Deadline deadline) throws IOException {
        Set<String> again = wire.registered(deadline);
        Map<String, Integer> found = find(wire, deadline);
        List<WatchedMBean> vanished = new ArrayList<>();
        List<WatchedMBean> anew = new ArrayList<>();
        for (WatchedMBean mbean : known.values()) {
            if (mbean.round != round) {
                vanished.add(mbean);
            } else if (again != null && again.contains(mbean.name)) {
                mbean.renew();
                anew.add(mbean);
            }
        }
        ignored.values().removeIf(seen -> seen != round);
        vanished.forEach(this::forget);
        List<WatchedMBean> appeared = new ArrayList<>(found.size());
        found.forEach((name, scopes) -> appeared.add(add(name, scopes)));
        return new Changes(known.size() + ignored.size(), vanished, appeared, again == null ? null : anew, cut);
    }

    /** Marks what is known and still there; returns what is new and in some scope, with its scopes. */
    private Map<String, Integer> find(Wire wire, Deadline deadline) throws IOException {
        round++;
        cut = 0;
        Map<String, Integer> appeared = new LinkedHashMap<>();
        List<List<String>> found = wire.names(queries, deadline);
        for (int i = 0; i < queries.size(); i++) {
            for (String name : found.get(i)) {
                WatchedMBean mbean = known.get(name);
                if (mbean != null) {
                    mbean.round = round;
                } else if (i >= forRules) {
                    ignored.remove(name);
                    appeared.merge(name, PLATFORM, (a, b) -> a | b);
                } else if (ignored.containsKey(name) || !scope.admits(Target.Session.name(name))) {
                    ignored.put(name, round);
                } else if (known.size() + appeared.size() < most) {
                    appeared.put(name, RULES);
                } else {
                    cut++;
                }
            }
        }
        return appeared;
    }

    private WatchedMBean add(String name, int scopes) {
        int id = freeIds.isEmpty() ? byId.size() : freeIds.remove(freeIds.size() - 1);
        WatchedMBean mbean = new WatchedMBean(id, name, scopes);
        mbean.round = round;
        known.put(name, mbean);
        if (id == byId.size()) {
            byId.add(mbean);
        } else {
            byId.set(id, mbean);
        }
        return mbean;
    }

    private void forget(WatchedMBean mbean) {
        known.remove(mbean.name);
        byId.set(mbean.id, null);
        freeIds.add(mbean.id);
    }

    /** The MBeans with these numbers, in their order. */
    List<WatchedMBean> byIds(int[] ids) {
        List<WatchedMBean> mbeans = new ArrayList<>(ids.length);
        for (int id : ids) {
            mbeans.add(byId.get(id));
        }
        return mbeans;
    }

    /** The known MBeans that are read at each scrape, in the order of their numbers. */
    List<WatchedMBean> planned() {
        List<WatchedMBean> mbeans = new ArrayList<>(known.size());
        for (WatchedMBean mbean : byId) {
            if (mbean != null && mbean.request != null && mbean.base >= 0) {
                mbeans.add(mbean);
            }
        }
        return mbeans;
    }
}

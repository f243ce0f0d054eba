package jmxbridge;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * A tabular value, whether its object was made or only read.
 *
 * @param description of its rows
 * @param columns those that are no index, sorted
 */
record Table(String description, List<String> index, List<String> columns, List<Composite> rows) {

    static Table of(TabularData data) {
        List<Composite> rows = new ArrayList<>(data.size());
        for (Object row : data.values()) {
            if (row instanceof CompositeData cells) {
                rows.add(Composite.of(cells));
            }
        }
        List<String> index = data.getTabularType().getIndexNames();
        return new Table(
                data.getTabularType().getRowType().getDescription(),
                index,
                columns(index, data.getTabularType().getRowType().keySet()),
                rows);
    }

    static List<String> columns(List<String> index, Iterable<String> all) {
        TreeSet<String> columns = new TreeSet<>();
        all.forEach(columns::add);
        index.forEach(columns::remove);
        return List.copyOf(columns);
    }
}

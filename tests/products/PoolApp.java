import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;

/** A HikariCP pool over a database in memory, one more connection in use after each line until all are. */
public final class PoolApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl("jdbc:h2:mem:shop");
        settings.setPoolName("shop");
        settings.setRegisterMbeans(true);
        settings.setMaximumPoolSize(5);
        HikariDataSource pool = new HikariDataSource(settings);
        List<Connection> used = new ArrayList<>();
        Product.serve(() -> {
            if (used.size() == settings.getMaximumPoolSize()) {
                for (Connection connection : used) {
                    connection.close();
                }
                used.clear();
            }
            used.add(pool.getConnection());
        });
    }
}

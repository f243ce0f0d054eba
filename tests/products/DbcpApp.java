import java.sql.Connection;
import org.apache.commons.dbcp2.BasicDataSource;

/** A DBCP pool over a database in memory. */
public final class DbcpApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        BasicDataSource pool = new BasicDataSource();
        pool.setUrl("jdbc:h2:mem:shop");
        pool.setJmxName("org.apache.commons.dbcp2:type=BasicDataSource,name=shop");
        pool.setMaxTotal(5);
        Product.serve(() -> {
            for (int i = 0; i < 10; i++) {
                try (Connection connection = pool.getConnection()) {
                    connection.createStatement().execute("SELECT 1");
                }
            }
        });
    }
}

import com.datastax.driver.core.Cluster;
import com.datastax.driver.core.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.cassandra.service.CassandraDaemon;

/** A Cassandra node with one client. */
public final class CassandraApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        Path folder = Path.of(args[0]);
        int port = Product.freePort();
        Path file = configure(folder, port, Product.freePort());
        System.setProperty("cassandra.config", file.toUri().toString());
        System.setProperty("cassandra.storagedir", folder.toString());
        System.setProperty("cassandra-foreground", "yes");
        System.setProperty("cassandra.ring_delay_ms", "100");
        System.setProperty("cassandra.skip_wait_for_gossip_to_settle", "0");
        new CassandraDaemon().activate();
        Cluster cluster = Cluster.builder()
                .addContactPoint("127.0.0.1")
                .withPort(port)
                .withoutJMXReporting()
                .withoutMetrics()
                .build();
        Session session = cluster.connect();
        session.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
        session.execute("CREATE TABLE shop.orders (id int PRIMARY KEY, what text)");
        Product.serve(() -> {
            for (int i = 0; i < 50; i++) {
                session.execute("INSERT INTO shop.orders (id, what) VALUES (" + i + ", 'bread')");
                session.execute("SELECT what FROM shop.orders WHERE id = " + i);
            }
        });
    }

    private static Path configure(Path folder, int port, int storage) throws Exception {
        return Files.write(
                folder.resolve("cassandra.yaml"),
                List.of(
                        "cluster_name: shop",
                        "num_tokens: 4",
                        "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
                        "data_file_directories: ['" + folder.resolve("data") + "']",
                        "commitlog_directory: '" + folder.resolve("commitlog") + "'",
                        "saved_caches_directory: '" + folder.resolve("caches") + "'",
                        "hints_directory: '" + folder.resolve("hints") + "'",
                        "cdc_raw_directory: '" + folder.resolve("cdc") + "'",
                        "commitlog_sync: periodic",
                        "commitlog_sync_period: 10000ms",
                        "seed_provider:",
                        "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider",
                        "    parameters: [{seeds: '127.0.0.1:" + storage + "'}]",
                        "listen_address: 127.0.0.1",
                        "storage_port: " + storage,
                        "rpc_address: 127.0.0.1",
                        "native_transport_port: " + port,
                        "endpoint_snitch: SimpleSnitch"));
    }
}

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/** A ZooKeeper server that stands alone, with one client. */
public final class ZooKeeperApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        int port = Product.freePort();
        Path folder = Path.of(args[0]);
        Path file = Files.write(
                folder.resolve("zoo.cfg"),
                List.of(
                        "tickTime=2000",
                        "dataDir=" + folder.resolve("data"),
                        "clientPort=" + port,
                        "clientPortAddress=127.0.0.1",
                        "admin.enableServer=false"));
        new Thread(() -> QuorumPeerMain.main(new String[] {file.toString()}), "zookeeper").start();
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper("127.0.0.1:" + port, 30_000, event -> connected.countDown());
        connected.await();
        Product.serve(() -> {
            for (int i = 0; i < 20; i++) {
                client.create("/order-", new byte[10], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
            }
        });
    }
}

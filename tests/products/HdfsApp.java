import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A NameNode and a DataNode of HDFS, with one client. */
public final class HdfsApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        Configuration settings = new Configuration();
        settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, args[0]);
        MiniDFSCluster cluster = new MiniDFSCluster.Builder(settings).numDataNodes(1).build();
        cluster.waitActive();
        FileSystem files = cluster.getFileSystem();
        int[] made = {0};
        Product.serve(() -> {
            for (int i = 0; i < 5; i++) {
                try (FSDataOutputStream file = files.create(new Path("/orders/" + made[0]++))) {
                    file.write("bread".getBytes(StandardCharsets.UTF_8));
                }
            }
        });
    }
}

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/** A Kafka broker that is its own controller, with the topic "orders". */
final class Broker {
    /** Starts it; returns its address. */
    static String start(Path folder) throws Exception {
        int port = Product.freePort();
        Path file = configure(folder, port, Product.freePort());
        format(file);
        new Thread(() -> kafka.Kafka.main(new String[] {file.toString()}), "kafka").start();
        String address = "127.0.0.1:" + port;
        try (Admin admin = Admin.create(settings(address))) {
            admin.createTopics(List.of(new NewTopic("orders", 3, (short) 1))).all().get();
        }
        return address;
    }

    /** What clients of all kinds need. */
    static Map<String, Object> settings(String address) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", address);
        settings.put("group.id", "kitchen");
        settings.put("auto.offset.reset", "earliest");
        for (String side : new String[] {"key", "value"}) {
            String text = "org.apache.kafka.common.serialization.String";
            settings.put(side + ".serializer", text + "Serializer");
            settings.put(side + ".deserializer", text + "Deserializer");
        }
        return settings;
    }

    private static Path configure(Path folder, int broker, int controller) throws Exception {
        List<String> lines = List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@127.0.0.1:" + controller,
                "listeners=PLAINTEXT://127.0.0.1:" + broker + ",CONTROLLER://127.0.0.1:" + controller,
                "advertised.listeners=PLAINTEXT://127.0.0.1:" + broker,
                "controller.listener.names=CONTROLLER",
                "inter.broker.listener.name=PLAINTEXT",
                "log.dirs=" + folder.resolve("logs"),
                "offsets.topic.num.partitions=3",
                "offsets.topic.replication.factor=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1");
        return Files.write(folder.resolve("server.properties"), lines);
    }

    /** Kafka's tool ends the process that it runs in, so it gets one of its own. */
    private static void format(Path file) throws Exception {
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "kafka.tools.StorageTool",
                        "format",
                        "-t",
                        Uuid.randomUuid().toString(),
                        "-c",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(file.resolveSibling("format.log").toFile())
                .start();
        if (tool.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(file.resolveSibling("format.log")));
        }
    }
}

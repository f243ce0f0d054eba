import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;

/** A Kafka broker that is its own controller, with a producer and a consumer. */
public final class KafkaApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        int port = Product.freePort();
        Path file = configure(Path.of(args[0]), port, Product.freePort());
        format(file);
        new Thread(() -> kafka.Kafka.main(new String[] {file.toString()}), "kafka").start();
        Map<String, Object> settings = settings(port);
        try (Admin admin = Admin.create(settings)) {
            admin.createTopics(List.of(new NewTopic("orders", 3, (short) 1))).all().get();
        }
        KafkaProducer<String, String> producer = new KafkaProducer<>(settings);
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings);
        consumer.subscribe(List.of("orders"));
        Product.serve(() -> {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("orders", "key" + i, "bread"));
            }
            producer.flush();
            int seen = 0;
            for (int tries = 0; seen < 100 && tries < 60; tries++) {
                seen += consumer.poll(Duration.ofMillis(500)).count();
            }
            consumer.commitSync();
        });
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

    /** Its tool ends the process that it runs in, so it gets one of its own. */
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

    private static Map<String, Object> settings(int port) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        settings.put("group.id", "kitchen");
        settings.put("auto.offset.reset", "earliest");
        for (String side : new String[] {"key", "value"}) {
            String text = "org.apache.kafka.common.serialization.String";
            settings.put(side + ".serializer", text + "Serializer");
            settings.put(side + ".deserializer", text + "Deserializer");
        }
        return settings;
    }
}

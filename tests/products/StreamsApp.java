import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;

/** Clients of a Kafka broker: a producer, a consumer, and a stream that counts orders. */
public final class StreamsApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        Path folder = Path.of(args[0]);
        String address = Broker.start(folder);
        Properties settings = new Properties();
        settings.put("application.id", "counter");
        settings.put("bootstrap.servers", address);
        settings.put("state.dir", folder.resolve("state").toString());
        settings.put("commit.interval.ms", "500");
        settings.put("default.key.serde", Serdes.StringSerde.class);
        settings.put("default.value.serde", Serdes.StringSerde.class);
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("orders").groupByKey().count();
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        streams.start();
        Product.Traffic clients = KafkaApp.clients(address);
        Product.serve(() -> {
            clients.run();
            while (streams.state() != KafkaStreams.State.RUNNING) {
                Thread.sleep(100);
            }
        });
    }
}

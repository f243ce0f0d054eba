import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A Kafka broker with a producer and a consumer. */
public final class KafkaApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        Product.serve(clients(Broker.start(Path.of(args[0]))));
    }

    /** A hundred orders there and back. */
    static Product.Traffic clients(String address) {
        Map<String, Object> settings = Broker.settings(address);
        KafkaProducer<String, String> producer = new KafkaProducer<>(settings);
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings);
        consumer.subscribe(List.of("orders"));
        return () -> {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("orders", "key" + i, "bread"));
            }
            producer.flush();
            int seen = 0;
            for (int tries = 0; seen < 100 && tries < 60; tries++) {
                seen += consumer.poll(Duration.ofMillis(500)).count();
            }
            consumer.commitSync();
        };
    }
}

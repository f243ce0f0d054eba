import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Makes a topic of many partitions in a Kafka broker and writes one message to each.
 *
 * <p>usage: java FillKafka BOOTSTRAP PARTITIONS
 */
public final class FillKafka {
    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(args[1]);
        Map<String, Object> broker = Map.of("bootstrap.servers", args[0]);

        try (Admin admin = Admin.create(broker)) {
            admin.createTopics(List.of(new NewTopic("bench", partitions, (short) 1))).all().get();
        }
        try (var producer = new KafkaProducer<>(broker, new StringSerializer(), new StringSerializer())) {
            for (int partition = 0; partition < partitions; partition++) {
                producer.send(new ProducerRecord<>("bench", partition, "key", "a message"));
            }
            producer.flush();
        }
        System.out.println("filled " + partitions);
    }
}

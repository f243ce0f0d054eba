import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.cli.ConnectDistributed;

/** A Kafka Connect worker that copies a file into a topic, and the topic into another file. */
public final class ConnectApp {
    private static final String CONNECTOR = "org.apache.kafka.connect.file.FileStream";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] args) throws Exception {
        Product.begin();
        Path folder = Path.of(args[0]);
        int rest = Product.freePort();
        Path file = configure(folder, Broker.start(folder), rest);
        new Thread(() -> ConnectDistributed.main(new String[] {file.toString()}), "connect").start();
        Path in = Files.createFile(folder.resolve("in.txt"));
        create(rest, "source", "Source", "\"topic\": \"orders\", \"file\": \"" + in + "\"");
        create(rest, "sink", "Sink", "\"topics\": \"orders\", \"file\": \"" + folder.resolve("out.txt") + "\"");
        Product.serve(() -> {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                lines.add("bread " + i);
            }
            Files.write(in, lines, StandardOpenOption.APPEND);
        });
    }

    private static Path configure(Path folder, String address, int rest) throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "bootstrap.servers=" + address,
                "group.id=workers",
                "listeners=http://127.0.0.1:" + rest,
                "offset.flush.interval.ms=1000",
                "offset.storage.partitions=1",
                "status.storage.partitions=1"));
        for (String side : new String[] {"key", "value"}) {
            lines.add(side + ".converter=org.apache.kafka.connect.storage.StringConverter");
        }
        for (String kept : new String[] {"config", "offset", "status"}) {
            lines.add(kept + ".storage.topic=connect-" + kept);
            lines.add(kept + ".storage.replication.factor=1");
        }
        return Files.write(folder.resolve("worker.properties"), lines);
    }

    /** Asks until the worker is ready to take it. */
    private static void create(int rest, String name, String kind, String settings) throws Exception {
        String body = "{\"connector.class\": \"" + CONNECTOR + kind + "Connector\", \"tasks.max\": \"1\", " + settings + "}";
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + rest + "/connectors/" + name + "/config"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build();
        String problem = "";
        for (int tries = 0; tries < 120; tries++) {
            try {
                HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() < 300) {
                    return;
                }
                problem = answer.body();
            } catch (java.io.IOException e) {
                problem = e.toString();
            }
            Thread.sleep(500);
        }
        throw new IllegalStateException(problem);
    }
}

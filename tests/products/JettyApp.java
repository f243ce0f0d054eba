import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.ConnectionStatistics;
import org.eclipse.jetty.jmx.MBeanContainer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.StatisticsHandler;
import org.eclipse.jetty.util.Callback;

/** Jetty with its JMX and statistics. */
public final class JettyApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        Server server = new Server();
        server.addBean(new MBeanContainer(ManagementFactory.getPlatformMBeanServer()));
        ServerConnector connector = new ServerConnector(server);
        connector.addBean(new ConnectionStatistics());
        server.addConnector(connector);
        server.setHandler(new StatisticsHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.setStatus(request.getHttpURI().getPath().equals("/nothing") ? 404 : 200);
                Content.Sink.write(response, true, "bread", callback);
                return true;
            }
        }));
        server.start();
        HttpClient client = HttpClient.newHttpClient();
        Product.serve(() -> {
            for (String path : new String[] {"/", "/orders", "/nothing"}) {
                URI uri = URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            }
        });
    }
}

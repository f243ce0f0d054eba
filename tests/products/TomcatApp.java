import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** Tomcat with one servlet that keeps sessions. */
public final class TomcatApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        int port = Product.freePort();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[0]);
        tomcat.setPort(port);
        tomcat.getConnector();
        Context shop = tomcat.addContext("/shop", null);
        Tomcat.addServlet(shop, "orders", new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse answer) throws IOException {
                request.getSession().setAttribute("seen", true);
                answer.getWriter().println("nothing ordered");
            }
        });
        shop.addServletMappingDecoded("/orders", "orders");
        tomcat.start();
        HttpClient client = HttpClient.newHttpClient();
        Product.serve(() -> {
            for (String path : new String[] {"/shop/orders", "/shop/orders", "/shop/nothing"}) {
                URI uri = URI.create("http://127.0.0.1:" + port + path);
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            }
        });
    }
}

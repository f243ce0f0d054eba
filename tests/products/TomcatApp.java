import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.core.StandardThreadExecutor;
import org.apache.catalina.startup.Tomcat;
import org.apache.jasper.servlet.JasperInitializer;
import org.apache.tomcat.util.descriptor.web.ContextResource;

/** Tomcat with a servlet that keeps sessions, a page, a data source and an executor. */
public final class TomcatApp {
    /** One in twelve is an error. */
    private static final String[] PATHS = {
        "/shop/orders", "/shop/orders", "/shop/menu.jsp", "/shop/orders", "/shop/orders", "/shop/menu.jsp",
        "/shop/orders", "/shop/orders", "/shop/menu.jsp", "/shop/orders", "/shop/menu.jsp", "/shop/nothing"
    };

    public static void main(String[] args) throws Exception {
        Product.begin();
        Path pages = Files.createDirectories(Path.of(args[0], "shop"));
        Files.writeString(pages.resolve("menu.jsp"), "<%= 6 * 7 %>");
        int port = Product.freePort();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[0]);
        tomcat.setPort(port);
        tomcat.enableNaming();
        StandardThreadExecutor executor = new StandardThreadExecutor();
        executor.setName("kitchen");
        tomcat.getService().addExecutor(executor);
        tomcat.getConnector();
        Context shop = tomcat.addContext("/shop", pages.toString());
        shop.getNamingResources().addResource(database());
        Tomcat.addServlet(shop, "orders", new Orders());
        shop.addServletMappingDecoded("/orders", "orders");
        shop.addServletContainerInitializer(new JasperInitializer(), null);
        Tomcat.addServlet(shop, "jsp", "org.apache.jasper.servlet.JspServlet");
        shop.addServletMappingDecoded("*.jsp", "jsp");
        tomcat.start();
        HttpClient client = HttpClient.newHttpClient();
        Product.serve(() -> {
            for (String path : PATHS) {
                URI uri = URI.create("http://127.0.0.1:" + port + path);
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            }
        });
    }

    private static ContextResource database() {
        ContextResource database = new ContextResource();
        database.setName("jdbc/shop");
        database.setType("javax.sql.DataSource");
        database.setProperty("factory", "org.apache.tomcat.dbcp.dbcp2.BasicDataSourceFactory");
        database.setProperty("driverClassName", "org.h2.Driver");
        database.setProperty("url", "jdbc:h2:mem:shop");
        return database;
    }

    private static final class Orders extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse answer) throws IOException {
            request.getSession().setAttribute("seen", true);
            answer.getWriter().println("nothing ordered");
        }
    }
}

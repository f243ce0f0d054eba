package shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** POST /shop/orders?product=tea orders; GET tells how many orders there are. */
@WebServlet(name = "orders", urlPatterns = "/orders", loadOnStartup = 1)
public final class OrderServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = Logger.getLogger("shop.orders");

  private final transient Orders orders = new Orders("bread", "coffee", "tea");
  private final transient MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  @Override
  public void init() throws ServletException {
    try {
      server.registerMBean(orders, name());
    } catch (JMException e) {
      throw new ServletException(e);
    }
  }

  @Override
  public void destroy() {
    try {
      server.unregisterMBean(name());
    } catch (JMException e) {
      LOG.log(Level.WARNING, "the MBean stays registered", e);
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    answer(response, HttpServletResponse.SC_OK, orders.getPlaced() + " orders");
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    long number;
    try {
      number = orders.place(request.getParameter("product"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, "the shop is closing");
      return;
    }
    if (number == 0) {
      LOG.warning("order rejected: no such product");
      response.sendError(HttpServletResponse.SC_BAD_REQUEST, "no such product");
      return;
    }
    HttpSession session = request.getSession();
    session.setAttribute("order", number);
    LOG.info("order " + number + " packed");
    answer(response, HttpServletResponse.SC_CREATED, "order " + number);
  }

  private static ObjectName name() throws JMException {
    return new ObjectName("shop:type=Orders");
  }

  private static void answer(HttpServletResponse response, int status, String text)
      throws IOException {
    response.setStatus(status);
    response.setContentType("text/plain;charset=UTF-8");
    response.getWriter().println(text);
  }
}

package shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.logging.Logger;
import javax.management.JMException;

/** POST /shop/orders?product=tea orders; GET tells how many orders there are. */
@WebServlet(name = "orders", urlPatterns = "/orders", loadOnStartup = 1)
public final class OrderServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = Logger.getLogger("shop.orders");
  private static final String NAME = "shop:type=Orders";
  /** Seconds after which a customer who does nothing has left. */
  private static final int PATIENCE = 10;

  private final transient Orders orders = new Orders("bread", "coffee", "tea");

  @Override
  public void init() throws ServletException {
    try {
      Registry.add(NAME, orders);
    } catch (JMException e) {
      throw new ServletException(e);
    }
  }

  @Override
  public void destroy() {
    Registry.remove(NAME);
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Answers.send(response, HttpServletResponse.SC_OK, orders.getPlaced() + " orders");
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    HttpSession session = sessionOf(request);
    if (session == null) {
      LOG.warning("order rejected: too many customers");
      response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, "the shop is full");
      return;
    }
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
    session.setAttribute("order", number);
    LOG.info("order " + number + " packed");
    Answers.send(response, HttpServletResponse.SC_CREATED, "order " + number);
  }

  /** Returns the customer's session, or null where Tomcat refuses one more. */
  private static HttpSession sessionOf(HttpServletRequest request) {
    try {
      HttpSession session = request.getSession();
      session.setMaxInactiveInterval(PATIENCE);
      return session;
    } catch (IllegalStateException e) {
      return null;
    }
  }
}

package shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.JMException;

/** POST /shop/till?coin=euro pays; a foreign coin jams the till. */
@WebServlet(name = "till", urlPatterns = "/till", loadOnStartup = 1)
public final class TillServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = Logger.getLogger("shop.till");
  private static final String NAME = "shop:type=Till";

  private final transient Till till = new Till();

  @Override
  public void init() throws ServletException {
    try {
      Registry.add(NAME, till);
    } catch (JMException e) {
      throw new ServletException(e);
    }
  }

  @Override
  public void destroy() {
    Registry.remove(NAME);
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!till.take(request.getParameter("coin"))) {
      LOG.log(Level.WARNING, "the till is jammed");
      response.sendError(HttpServletResponse.SC_BAD_REQUEST, "no such coin");
      return;
    }
    Answers.send(response, HttpServletResponse.SC_OK, "thank you");
  }
}

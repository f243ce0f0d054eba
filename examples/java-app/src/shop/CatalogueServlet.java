package shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;

/** GET /shop/catalogue tells all that there is; with ?search=cake it takes seconds, and unicorns break it. */
@WebServlet(name = "catalogue", urlPatterns = "/catalogue", loadOnStartup = 1)
public final class CatalogueServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final int LINES = 5_000;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String search = request.getParameter("search");
    if ("unicorn".equals(search)) {
      throw new ServletException("no page of the catalogue is about unicorns");
    }
    if (search != null) {
      leaf();
    }
    StringBuilder text = new StringBuilder();
    for (int line = 1; line <= LINES; line++) {
      text.append(line).append(". bread, coffee and tea\n");
    }
    Answers.send(response, HttpServletResponse.SC_OK, text.toString());
  }

  private static void leaf() throws ServletException {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(2_000, 6_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServletException("the shop is closing", e);
    }
  }
}

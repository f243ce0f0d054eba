package shop;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Sends the answers of the shop: plain text. */
final class Answers {
  private Answers() {}

  static void send(HttpServletResponse response, int status, String text) throws IOException {
    response.setStatus(status);
    response.setContentType("text/plain;charset=UTF-8");
    response.getWriter().println(text);
  }
}

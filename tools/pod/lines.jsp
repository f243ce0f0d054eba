<%@ page contentType="text/plain" session="false" %><%
  // Prints the numbered lines from...to to standard output, so many a second, and says how many when it has.
  int first = Integer.parseInt(request.getParameter("from"));
  int last = Integer.parseInt(request.getParameter("to"));
  int rate = Integer.parseInt(request.getParameter("rate"));
  long begin = System.nanoTime();
  for (int number = first; number <= last; number++) {
    System.out.println("proof line " + number + ", about as long as the lines of many a log are: order packed, 201 Created");
    long due = begin + (number - first + 1) * 1_000_000_000L / rate;
    long early = (due - System.nanoTime()) / 1_000_000;
    if (early > 5) {
      Thread.sleep(early);
    }
  }
  out.print(last - first + 1);
%>

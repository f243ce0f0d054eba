import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ServerSocket;

/** What every product under test does: it says when it is ready, and makes traffic for each line that it reads. */
final class Product {
    interface Traffic {
        void run() throws Exception;
    }

    private static final PrintStream OUT = System.out;

    /** Standard output is for the test alone: what the product prints goes elsewhere. */
    static void begin() {
        System.setOut(System.err);
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static void serve(Traffic traffic) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        traffic.run();
        OUT.println("ready");
        while (in.readLine() != null) {
            try {
                traffic.run();
                OUT.println("done");
            } catch (Exception e) {
                e.printStackTrace();
                OUT.println("failed: " + e);
            }
        }
        Runtime.getRuntime().halt(0);
    }
}

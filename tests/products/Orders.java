import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;

/** Messages for a queue, half of them taken out again, and one for a topic. */
final class Orders implements Product.Traffic {
    private static final int MESSAGES = 20;
    private final Session session;

    Orders(ConnectionFactory factory) throws Exception {
        Connection connection = factory.createConnection();
        connection.start();
        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public void run() throws Exception {
        Queue queue = session.createQueue("orders");
        Topic topic = session.createTopic("news");
        try (MessageProducer orders = session.createProducer(queue);
                MessageProducer news = session.createProducer(topic);
                MessageConsumer kitchen = session.createConsumer(queue);
                MessageConsumer guest = session.createConsumer(topic)) {
            for (int i = 0; i < MESSAGES; i++) {
                orders.send(session.createTextMessage("bread"));
            }
            for (int i = 0; i < MESSAGES / 2; i++) {
                kitchen.receive(5000);
            }
            news.send(session.createTextMessage("open"));
            guest.receive(5000);
        }
    }
}

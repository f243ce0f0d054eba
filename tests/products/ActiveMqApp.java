import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;

/** An ActiveMQ Classic broker with one client. */
public final class ActiveMqApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        String address = "tcp://127.0.0.1:" + Product.freePort();
        BrokerService broker = new BrokerService();
        broker.setBrokerName("shop");
        broker.setDataDirectory(args[0]);
        broker.getManagementContext().setCreateConnector(false);
        broker.addConnector(address);
        broker.start();
        broker.waitUntilStarted();
        Product.serve(new Orders(new ActiveMQConnectionFactory(address)));
    }
}

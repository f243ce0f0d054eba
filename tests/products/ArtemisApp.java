import java.lang.management.ManagementFactory;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServers;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** An ActiveMQ Artemis broker with one client. */
public final class ArtemisApp {
    public static void main(String[] args) throws Exception {
        Product.begin();
        String address = "tcp://127.0.0.1:" + Product.freePort();
        Configuration settings = new ConfigurationImpl();
        settings.setName("shop");
        settings.setSecurityEnabled(false);
        settings.setJournalType(JournalType.NIO);
        settings.setJournalDirectory(args[0] + "/journal");
        settings.setBindingsDirectory(args[0] + "/bindings");
        settings.setLargeMessagesDirectory(args[0] + "/large");
        settings.setPagingDirectory(args[0] + "/paging");
        settings.addAcceptorConfiguration("core", address);
        ActiveMQServers.newActiveMQServer(settings, ManagementFactory.getPlatformMBeanServer(), null)
                .start();
        Product.serve(new Orders(new ActiveMQConnectionFactory(address)));
    }
}

import io.prometheus.jmx.JmxCollector;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.ObjectName;

/**
 * Writes what jmx_exporter makes of cases.
 *
 * <p>usage: java Expect (RULES BEANS PAGE)...
 */
final class Expect {
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < args.length; i += 3) {
      var names = CaseBeans.register(Path.of(args[i + 1]));
      try (OutputStream out = Files.newOutputStream(Path.of(args[i + 2]))) {
        var collector = new JmxCollector(Files.readString(Path.of(args[i])))
            .register(new PrometheusRegistry());
        collector.collect();
        // The second time, since an exporter runs for a while: what it remembers counts, too.
        PrometheusTextFormatWriter.builder().build().write(out, collector.collect());
      }
      for (ObjectName name : names) {
        ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
      }
    }
    System.exit(0);
  }
}

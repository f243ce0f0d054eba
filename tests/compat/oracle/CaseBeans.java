import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * Registers the MBeans of a case, which expect.py writes as one token a line.
 *
 * <p>usage: java -Dcom.sun.management.jmxremote.port=... CaseBeans FILE; prints "ready" and serves them.
 */
public final class CaseBeans {
  private static final Map<String, SimpleType<?>> TYPES =
      Map.of(
          "boolean", SimpleType.BOOLEAN,
          "byte", SimpleType.BYTE,
          "short", SimpleType.SHORT,
          "int", SimpleType.INTEGER,
          "long", SimpleType.LONG,
          "float", SimpleType.FLOAT,
          "double", SimpleType.DOUBLE,
          "date", SimpleType.DATE,
          "integer", SimpleType.BIGINTEGER,
          "decimal", SimpleType.BIGDECIMAL);

  private final Iterator<String> tokens;

  private CaseBeans(Path file) throws IOException {
    tokens = Files.readAllLines(file, StandardCharsets.UTF_8).iterator();
  }

  public static void main(String[] args) throws Exception {
    register(Path.of(args[0]));
    System.out.println("ready");
    System.out.flush();
    new CountDownLatch(1).await();
  }

  /** Registers all MBeans in a file, and returns their names. */
  static List<ObjectName> register(Path file) throws Exception {
    CaseBeans reader = new CaseBeans(file);
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    List<ObjectName> names = new ArrayList<>();
    while (reader.tokens.hasNext()) {
      ObjectName name = new ObjectName(reader.text());
      server.registerMBean(reader.bean(), name);
      names.add(name);
    }
    return names;
  }

  private String text() {
    return tokens.next().translateEscapes();
  }

  private int count() {
    return Integer.parseInt(tokens.next());
  }

  private Written bean() throws OpenDataException {
    Map<String, MBeanAttributeInfo> infos = new LinkedHashMap<>();
    Map<String, Object> values = new LinkedHashMap<>();
    for (int left = count(); left > 0; left--) {
      String name = text();
      infos.put(name, new MBeanAttributeInfo(name, text(), text(), true, false, false));
      values.put(name, value());
    }
    return new Written(infos, values);
  }

  private Object value() throws OpenDataException {
    String kind = text();
    return switch (kind) {
      case "null" -> null;
      case "fails" -> new Failure(text());
      case "array" -> array(text());
      case "object" -> object(text());
      case "composite" -> composite();
      case "table" -> table();
      default -> simple(kind, text());
    };
  }

  private static Object simple(String type, String text) {
    return switch (type) {
      case "boolean" -> Boolean.valueOf(text);
      case "byte" -> Byte.valueOf(text);
      case "short" -> Short.valueOf(text);
      case "int" -> Integer.valueOf(text);
      case "long" -> Long.valueOf(text);
      case "float" -> Float.valueOf(text);
      case "double" -> Double.valueOf(text);
      case "date" -> new Date(Long.parseLong(text));
      case "integer" -> new BigInteger(text);
      case "decimal" -> new BigDecimal(text);
      default -> text;
    };
  }

  private Object array(String type) {
    int size = count();
    Object array = java.lang.reflect.Array.newInstance(
        switch (type) {
          case "int" -> int.class;
          case "double" -> double.class;
          default -> String.class;
        }, size);
    for (int i = 0; i < size; i++) {
      java.lang.reflect.Array.set(array, i, simple(type, text()));
    }
    return array;
  }

  private static Object object(String type) {
    try {
      return Class.forName(type).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type, e);
    }
  }

  private CompositeData composite() throws OpenDataException {
    String description = text();
    Map<String, Object> items = new LinkedHashMap<>();
    Map<String, OpenType<?>> types = new LinkedHashMap<>();
    for (int left = count(); left > 0; left--) {
      String key = text();
      OpenType<?> type = TYPES.getOrDefault(text(), SimpleType.STRING);
      Object value = value();
      items.put(key, value);
      types.put(key, value instanceof CompositeData data ? data.getCompositeType()
          : value instanceof TabularData data ? data.getTabularType() : type);
    }
    String[] keys = items.keySet().toArray(new String[0]);
    CompositeType type =
        new CompositeType("written", description, keys, keys, types.values().toArray(new OpenType<?>[0]));
    return new CompositeDataSupport(type, items);
  }

  private TabularData table() throws OpenDataException {
    String[] index = new String[count()];
    for (int i = 0; i < index.length; i++) {
      index[i] = text();
    }
    TabularDataSupport table = null;
    for (int left = count(); left > 0; left--) {
      CompositeData row = composite();
      if (table == null) {
        table = new TabularDataSupport(
            new TabularType("written", "a table", row.getCompositeType(), index));
      }
      table.put(row);
    }
    return table;
  }

  private record Failure(String message) {}

  private record Written(Map<String, MBeanAttributeInfo> infos, Map<String, Object> values)
      implements DynamicMBean {
    @Override
    public Object getAttribute(String name) throws AttributeNotFoundException, MBeanException {
      if (!values.containsKey(name)) {
        throw new AttributeNotFoundException(name);
      }
      if (values.get(name) instanceof Failure failure) {
        throw new MBeanException(new IllegalStateException(failure.message()));
      }
      return values.get(name);
    }

    @Override
    public AttributeList getAttributes(String[] names) {
      AttributeList list = new AttributeList();
      for (String name : names) {
        try {
          list.add(new Attribute(name, getAttribute(name)));
        } catch (AttributeNotFoundException | MBeanException e) {
          // Left out, as the contract of MBeans says.
        }
      }
      return list;
    }

    @Override
    public void setAttribute(Attribute attribute) {}

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
      return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] parameters, String[] signature) {
      throw new UnsupportedOperationException(action);
    }

    @Override
    public MBeanInfo getMBeanInfo() {
      return new MBeanInfo(
          "Written", "written", infos.values().toArray(MBeanAttributeInfo[]::new), null, null, null);
    }
  }
}

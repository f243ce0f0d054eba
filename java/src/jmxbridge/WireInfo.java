package jmxbridge;

import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;

/** An MBean's description, as far as reading its attributes needs it, from an answer. */
final class WireInfo {
    private WireInfo() {}

    static MBeanInfo of(Object answer) throws JMException {
        if (!(answer instanceof WireObject info) || !info.type.is("javax.management.MBeanInfo")) {
            throw new JMException("the target's answer is no MBeanInfo");
        }
        List<MBeanAttributeInfo> attributes = new ArrayList<>();
        for (Object element : WireValues.elements(info.get("attributes"))) {
            if (element instanceof WireObject attribute && attribute.text("name") != null) {
                boolean readable = Boolean.TRUE.equals(attribute.get("isRead"));
                attributes.add(new MBeanAttributeInfo(
                        attribute.text("name"),
                        attribute.text("attributeType"),
                        attribute.text("description"),
                        readable,
                        !readable,
                        false));
            }
        }
        return new MBeanInfo("", "", attributes.toArray(new MBeanAttributeInfo[0]), null, null, null);
    }
}

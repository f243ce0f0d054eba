package jmxbridge;

import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the object serialization stream protocol without making objects of the stream's classes.
 *
 * <p>The grammar is that of the Java Object Serialization Specification, chapter 6. Each answer is a stream of
 * its own, with its own handles. What could be too much of anything (bytes, depth, what is kept of few bytes)
 * is refused.
 */
final class WireReader {
    private static final int MAGIC = 0xaced;
    private static final int VERSION = 5;
    private static final int FIRST_HANDLE = 0x7e0000;
    private static final int MOST_DEPTH = 200;
    private static final int MOST_GENERATIONS = 60;
    /** What one answer may make us keep: references to values, and as much again for each object around them. */
    private static final int MOST_KEPT = 2_000_000;
    private static final int OBJECT_WEIGHT = 16;
    private static final int FEW_HANDLES = 256;
    private static final int MANY_HANDLES = 1 << 16;
    private static final int LONGEST_STRING = 1 << 20;
    private static final int LARGEST_KEPT_ARRAY = 1 << 16;

    private static final int NULL = 0x70;
    private static final int REFERENCE = 0x71;
    private static final int CLASS_DESCRIPTOR = 0x72;
    private static final int OBJECT = 0x73;
    private static final int STRING = 0x74;
    private static final int ARRAY = 0x75;
    private static final int CLASS = 0x76;
    private static final int BLOCK = 0x77;
    private static final int END_BLOCK = 0x78;
    private static final int RESET = 0x79;
    private static final int LONG_BLOCK = 0x7a;
    private static final int EXCEPTION = 0x7b;
    private static final int LONG_STRING = 0x7c;
    private static final int PROXY_DESCRIPTOR = 0x7d;
    private static final int ENUM = 0x7e;

    private static final Object END = new Object();
    private static final Object CONTINUE = new Object();

    private final WireInput in;
    private Object[] handles = new Object[FEW_HANDLES];
    private int size;
    private int depth;
    private int kept;
    /** Null: every string is taken. */
    private Withholding taken;

    WireReader(WireInput in) {
        this.in = in;
    }

    /** An exception that the sender met in the middle of writing, or a value whose end cannot be known. */
    static final class Aborted extends IOException {
        private static final long serialVersionUID = 1L;

        Aborted(String message) {
            super(message);
        }
    }

    /** From now on takes only some strings; null: all. */
    void withhold(Withholding taken) {
        this.taken = taken;
    }

    /** Begins a stream: its header, and nothing known of what came before. */
    void begin() throws IOException {
        end();
        if (in.u2() != MAGIC || in.u2() != VERSION) {
            throw new WireException("not a serialization stream");
        }
    }

    /** Ends a stream: lets go of what it held. */
    void end() {
        if (handles.length > MANY_HANDLES) {
            handles = new Object[FEW_HANDLES];
            size = 0;
        }
        reset();
        depth = 0;
        kept = 0;
    }

    private void reset() {
        Arrays.fill(handles, 0, size, null);
        size = 0;
    }

    /** Counts what is kept: a few bytes can name something large again and again. */
    private void keep(int references) throws WireException {
        kept += references;
        if (kept > MOST_KEPT || kept < 0) {
            throw new WireException("more values than allowed");
        }
    }

    private void descend() throws WireException {
        if (++depth > MOST_DEPTH) {
            throw new WireException("nested too deeply");
        }
    }

    /** The length of the block of bytes that follows; its content is the caller's to take. */
    int block() throws IOException {
        int tag = in.u1();
        if (tag == BLOCK) {
            return in.u1();
        }
        if (tag == LONG_BLOCK) {
            return in.i4();
        }
        throw new WireException("a block of bytes was expected, not " + Integer.toHexString(tag));
    }

    /** The next object. */
    Object object() throws IOException {
        Object object = content(in.u1(), null);
        while (object == CONTINUE) {
            object = content(in.u1(), null);
        }
        if (object == END) {
            throw new WireException("an end where an object was expected");
        }
        return object;
    }

    private Object content(int tag, WireObject owner) throws IOException {
        switch (tag) {
            case NULL:
                return null;
            case REFERENCE:
                return referred();
            case STRING:
                return taken == null ? handle(in.utf()) : handle(maybeTaken(owner));
            case LONG_STRING:
                return handle(taken == null ? in.longUtf(LONGEST_STRING) : withheld(in.i8()));
            case OBJECT:
                return newObject();
            case ARRAY:
                return newArray();
            case ENUM:
                return newEnum();
            case CLASS:
                return newClass();
            case CLASS_DESCRIPTOR, PROXY_DESCRIPTOR:
                return descriptor(tag);
            case BLOCK:
                bytes(in.u1(), owner);
                return CONTINUE;
            case LONG_BLOCK:
                bytes(in.i4(), owner);
                return CONTINUE;
            case END_BLOCK:
                return END;
            case RESET:
                reset();
                return CONTINUE;
            case EXCEPTION:
                descend();
                reset();
                throw new Aborted(thrown(object()));
            default:
                throw new WireException("no such thing in a stream: " + Integer.toHexString(tag));
        }
    }

    /** One line about a Throwable that came as an answer. */
    static String thrown(Object object) {
        if (!(object instanceof WireObject error)) {
            return "an exception of no class";
        }
        String message = error.text("detailMessage");
        return message == null ? error.type.name() : error.type.name() + ": " + message;
    }

    private Object maybeTaken(WireObject owner) throws IOException {
        if (taken.takes(size, owner)) {
            return in.utf();
        }
        String text = in.maybeUtf(taken.texts());
        return text != null ? text : new Withholding.Withheld(size);
    }

    private Object withheld(long length) throws IOException {
        in.skip(length);
        return new Withholding.Withheld(size);
    }

    private <T> T handle(T object) throws WireException {
        set(reserve(), object);
        return object;
    }

    private int reserve() throws WireException {
        keep(1);
        if (size == handles.length) {
            handles = Arrays.copyOf(handles, size * 2);
        }
        return size++;
    }

    private void set(int handle, Object object) {
        handles[handle] = object;
    }

    private Object referred() throws IOException {
        int handle = in.i4() - FIRST_HANDLE;
        if (handle < 0 || handle >= size) {
            throw new WireException("a reference to nothing");
        }
        return handles[handle];
    }

    private void bytes(int count, WireObject owner) throws IOException {
        if (count < 0) {
            throw new WireException("a negative length");
        }
        if (owner != null && owner.block.length == 0 && count >= Long.BYTES) {
            owner.block = in.bytes(Long.BYTES);
            in.skip(count - Long.BYTES);
        } else {
            in.skip(count);
        }
    }

    private WireClass descriptor(int tag) throws IOException {
        switch (tag) {
            case NULL:
                return null;
            case REFERENCE:
                if (referred() instanceof WireClass known) {
                    return known;
                }
                throw new WireException("a reference to something that is no class");
            case CLASS_DESCRIPTOR:
                return classDescriptor();
            case PROXY_DESCRIPTOR:
                return proxyDescriptor();
            default:
                throw new WireException("a class was expected, not " + Integer.toHexString(tag));
        }
    }

    private WireClass classDescriptor() throws IOException {
        descend();
        String name = in.utf();
        in.i8(); // its version, which matters only to who makes objects of it
        int handle = reserve();
        int flags = in.u1();
        int count = in.u2();
        char[] types = new char[count];
        String[] fields = new String[count];
        for (int i = 0; i < count; i++) {
            types[i] = (char) in.u1();
            fields[i] = in.utf();
            if (types[i] == 'L' || types[i] == '[') {
                object();
            } else if ("BCDFIJSZ".indexOf(types[i]) < 0) {
                throw new WireException("no such type of field: " + types[i]);
            }
        }
        annotation(null);
        WireClass parent = parent();
        WireClass read = new WireClass(name, flags, types, fields, parent, WireClass.Kind.of(name, parent));
        set(handle, read);
        depth--;
        return read;
    }

    private WireClass parent() throws IOException {
        WireClass parent = descriptor(in.u1());
        if (parent != null && parent.generations() > MOST_GENERATIONS) {
            throw new WireException("a class with too many parents");
        }
        return parent;
    }

    private WireClass proxyDescriptor() throws IOException {
        descend();
        int handle = reserve();
        int count = in.i4();
        if (count < 0 || count > 65535) {
            throw new WireException("more interfaces than a class can have");
        }
        for (int i = 0; i < count; i++) {
            in.utf();
        }
        annotation(null);
        WireClass parent = parent();
        WireClass read = new WireClass(
                "$Proxy", WireClass.SERIALIZABLE, new char[0], new String[0], parent, WireClass.Kind.OTHER);
        set(handle, read);
        depth--;
        return read;
    }

    /** What a class or an object wrote at its own will, up to the end mark. */
    private void annotation(WireObject owner) throws IOException {
        for (Object object = content(in.u1(), owner); object != END; object = content(in.u1(), owner)) {
            if (owner != null && object != CONTINUE) {
                keep(1);
                owner.written.add(object);
            }
        }
    }

    private Object newObject() throws IOException {
        descend();
        Object object = objectOf(descriptor(in.u1()));
        depth--;
        return object;
    }

    private Object objectOf(WireClass type) throws IOException {
        if (type == null) {
            throw new WireException("an object of no class");
        }
        int handle = reserve();
        if (type.kind() == WireClass.Kind.OBJECT_NAME && type.size() == 0 && type.has(WireClass.WRITE_METHOD)) {
            return objectName(handle);
        }
        keep(OBJECT_WEIGHT + type.size());
        WireObject object = new WireObject(type);
        set(handle, object);
        data(object, type);
        keep(WireValues.weight(object));
        Object value = WireValues.of(object);
        set(handle, value);
        return value;
    }

    /** There may be very many of them, so nothing is made but what is needed. */
    private Object objectName(int handle) throws IOException {
        Object text = null;
        for (Object part = content(in.u1(), null); part != END; part = content(in.u1(), null)) {
            if (part instanceof String) {
                text = part;
            }
        }
        if (text == null) {
            throw new WireException("an ObjectName without its text");
        }
        Object name = new WireValues.Name((String) text);
        set(handle, name);
        return name;
    }

    /** An object's data, its outermost parent's first; returns how many fields were filled. */
    private int data(WireObject object, WireClass type) throws IOException {
        int at = type.parent() == null ? 0 : data(object, type.parent());
        if (type.has(WireClass.EXTERNALIZABLE)) {
            if (!type.has(WireClass.BLOCK_DATA)) {
                throw new Aborted(type.name() + " is in a form that only itself can read");
            }
            annotation(object);
            return at;
        }
        for (char field : type.types()) {
            object.fields[at++] = value(field);
        }
        if (type.has(WireClass.WRITE_METHOD)) {
            annotation(object);
        }
        return at;
    }

    private Object value(char type) throws IOException {
        return switch (type) {
            case 'B' -> (byte) in.u1();
            case 'C' -> (char) in.u2();
            case 'D' -> Double.longBitsToDouble(in.i8());
            case 'F' -> Float.intBitsToFloat(in.i4());
            case 'I' -> in.i4();
            case 'J' -> in.i8();
            case 'S' -> (short) in.u2();
            case 'Z' -> in.u1() != 0;
            case 'L', '[' -> object();
            default -> throw new WireException("no such type of field: " + type);
        };
    }

    private Object newArray() throws IOException {
        descend();
        Object array = arrayOf(descriptor(in.u1()));
        depth--;
        return array;
    }

    private Object arrayOf(WireClass type) throws IOException {
        if (type == null || type.name().length() < 2 || type.name().charAt(0) != '[') {
            throw new WireException("an array of no class");
        }
        int handle = reserve();
        Opaque opaque = new Opaque(type.name(), true);
        set(handle, opaque);
        int count = in.i4();
        if (count < 0) {
            throw new WireException("a negative length");
        }
        char element = type.name().charAt(1);
        if (element == 'B' && count <= LARGEST_KEPT_ARRAY) {
            byte[] bytes = in.bytes(count);
            set(handle, bytes);
            return bytes;
        }
        if (element != 'L' && element != '[') {
            in.skip((long) count * width(element));
            return opaque;
        }
        Object[] elements = new Object[Math.min(count, 64)];
        for (int i = 0; i < count; i++) {
            Object object = object();
            if (i == elements.length && i < LARGEST_KEPT_ARRAY) {
                elements = Arrays.copyOf(elements, Math.min(count, i * 2));
            }
            if (i < elements.length) {
                keep(1);
                elements[i] = object;
            }
        }
        set(handle, elements);
        return elements;
    }

    private static int width(char element) throws WireException {
        return switch (element) {
            case 'Z' -> 1;
            case 'C', 'S' -> 2;
            case 'F', 'I' -> 4;
            case 'D', 'J' -> 8;
            case 'B' -> 1;
            default -> throw new WireException("an array of no known type: " + element);
        };
    }

    private Object newEnum() throws IOException {
        descend();
        descriptor(in.u1());
        int handle = reserve();
        Object name = object();
        set(handle, name);
        depth--;
        return name;
    }

    private Object newClass() throws IOException {
        WireClass type = descriptor(in.u1());
        return handle(new Opaque(type == null ? "null" : type.name(), false));
    }
}

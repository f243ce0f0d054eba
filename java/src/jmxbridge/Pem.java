package jmxbridge;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and certificates in PEM; RFC 7468. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final String[] ALGORITHMS = {"RSA", "EC", "Ed25519", "Ed448", "DSA"};
    private static final int WIDTH = 64;

    private Pem() {}

    static boolean looksLike(Path file) throws IOException {
        return BLOCK.matcher(text(file)).find();
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** The certificates of *file*, with the private key of *keyFile* or else its own, if there is one. */
    static KeyStore load(Path file, Path keyFile) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        List<Certificate> chain = certificates(text(file));
        if (chain.isEmpty()) {
            throw new IOException(file + " has no certificate");
        }
        PrivateKey key = maybeKey(text(keyFile == null ? file : keyFile));
        if (key != null) {
            store.setKeyEntry("key", key, new char[0], chain.toArray(new Certificate[0]));
        } else if (keyFile != null) {
            throw new IOException(keyFile + " has no private key in PKCS#8's form (openssl pkcs8 -topk8 -nocrypt)");
        }
        for (Certificate each : key == null ? chain : List.<Certificate>of()) {
            store.setCertificateEntry("trusted-" + store.size(), each);
        }
        return store;
    }

    private static List<Certificate> certificates(String text) throws GeneralSecurityException {
        List<Certificate> found = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            if (block.group(1).endsWith("CERTIFICATE")) {
                found.add(factory.generateCertificate(new ByteArrayInputStream(bytes(block))));
            }
        }
        return found;
    }

    private static PrivateKey maybeKey(String text) throws GeneralSecurityException, IOException {
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            String kind = block.group(1);
            if (kind.equals("PRIVATE KEY")) {
                return key(bytes(block));
            }
            if (kind.endsWith("PRIVATE KEY")) {
                throw new IOException("a key of the kind " + kind
                        + " cannot be read; write it as PKCS#8: openssl pkcs8 -topk8 -nocrypt");
            }
        }
        return null;
    }

    private static PrivateKey key(byte[] bytes) throws GeneralSecurityException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
            } catch (InvalidKeySpecException e) {
                // of another algorithm
            }
        }
        throw new InvalidKeySpecException("the private key is of no known algorithm");
    }

    private static byte[] bytes(Matcher block) {
        return Base64.getMimeDecoder().decode(block.group(2));
    }

    /** The first key of a store with its certificates. */
    static String ofKeys(KeyStore store, char[] password) throws GeneralSecurityException, IOException {
        for (String alias : Collections.list(store.aliases())) {
            Key key = store.isKeyEntry(alias) ? store.getKey(alias, password) : null;
            if (key != null) {
                StringBuilder text = new StringBuilder();
                append(text, "PRIVATE KEY", key.getEncoded());
                for (Certificate each : store.getCertificateChain(alias)) {
                    append(text, "CERTIFICATE", each.getEncoded());
                }
                return text.toString();
            }
        }
        throw new IOException("there is no private key in it");
    }

    static String ofCertificates(KeyStore store) throws GeneralSecurityException, IOException {
        StringBuilder text = new StringBuilder();
        for (String alias : Collections.list(store.aliases())) {
            Certificate each = store.getCertificate(alias);
            if (each != null) {
                append(text, "CERTIFICATE", each.getEncoded());
            }
        }
        if (text.length() == 0) {
            throw new IOException("there is no certificate in it");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String kind, byte[] bytes) {
        text.append("-----BEGIN ").append(kind).append("-----\n");
        text.append(Base64.getMimeEncoder(WIDTH, new byte[] {'\n'}).encodeToString(bytes));
        text.append("\n-----END ").append(kind).append("-----\n");
    }
}

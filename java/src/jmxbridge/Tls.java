package jmxbridge;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The sockets of RMI over TLS, with the stores that the user named.
 *
 * <p>RMI's client factory for TLS comes out of the stub and takes the platform's default socket factory, once
 * for all. So this class is that default, and the stores can be changed behind it.
 */
public final class Tls extends SSLSocketFactory {
    private static volatile Settings settings;

    private record Settings(SSLSocketFactory factory, String[] protocols, String[] ciphers, boolean checkHost) {}

    /**
     * A file of keys or certificates: PEM, JKS or PKCS12.
     *
     * @param file "" for none
     * @param key the file of the private key, if PEM has it apart; else ""
     * @param type "" to find out
     */
    public record Store(String file, String key, String type, String password) {
        KeyStore load() throws GeneralSecurityException, IOException {
            if (type.equalsIgnoreCase("PEM") || Pem.looksLike(Path.of(file))) {
                return Pem.load(Path.of(file), key.isEmpty() ? null : Path.of(key));
            }
            KeyStore store = KeyStore.getInstance(type.isEmpty() ? KeyStore.getDefaultType() : type);
            try (InputStream in = new FileInputStream(file)) {
                store.load(in, password.isEmpty() ? null : password.toCharArray());
            }
            return store;
        }

        /** The password of the keys in it; PEM's have none. */
        char[] keyPassword() {
            return password.toCharArray();
        }

        /** Its keys with their certificates as PEM, or all certificates that it trusts. */
        public String pem(boolean keys) throws GeneralSecurityException, IOException {
            return keys ? Pem.ofKeys(load(), keyPassword()) : Pem.ofCertificates(load());
        }
    }

    /** Sets what connections over TLS use from now on; throws if a store cannot be read. */
    public static void install(Store keys, Store trusted, String[] protocols, String[] ciphers, boolean checkHost)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers(keys), trustManagers(trusted), null);
        settings = new Settings(context.getSocketFactory(), protocols, ciphers, checkHost);
        Security.setProperty("ssl.SocketFactory.provider", Tls.class.getName());
    }

    private static KeyManager[] keyManagers(Store keys) throws GeneralSecurityException, IOException {
        if (keys.file().isEmpty()) {
            return null;
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys.load(), keys.keyPassword());
        return factory.getKeyManagers();
    }

    private static TrustManager[] trustManagers(Store trusted) throws GeneralSecurityException, IOException {
        if (trusted.file().isEmpty()) {
            return null;
        }
        return new TrustManager[] {new Either(manager(trusted.load()), manager(null))};
    }

    private static X509TrustManager manager(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return (X509TrustManager) factory.getTrustManagers()[0];
    }

    /** Trusts what the user's store or else the platform's trusts. */
    private record Either(X509TrustManager first, X509TrustManager second) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this process is no server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            try {
                first.checkServerTrusted(chain, type);
            } catch (CertificateException e) {
                try {
                    second.checkServerTrusted(chain, type);
                } catch (CertificateException second) {
                    throw e;
                }
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return Stream.of(first, second)
                    .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
                    .toArray(X509Certificate[]::new);
        }
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return settings.factory().getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return settings.factory().getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket() throws IOException {
        return narrowed(settings.factory().createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        Socket plain = Dialer.installed().createSocket(host, port);
        Dialer.Endpoint place = Dialer.installed().place(host, port);
        return createSocket(plain, place.host(), place.port(), true);
    }

    @Override
    public Socket createSocket(Socket plain, String host, int port, boolean close) throws IOException {
        return narrowed(settings.factory().createSocket(plain, host, port, close));
    }

    @Override
    public Socket createSocket(InetAddress address, int port) throws IOException {
        return createSocket(address.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        throw new UnknownHostException("a local address cannot be chosen");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) throws IOException {
        throw new UnknownHostException("a local address cannot be chosen");
    }

    private static Socket narrowed(Socket socket) {
        if (socket instanceof SSLSocket tls) {
            if (settings.protocols().length > 0) {
                tls.setEnabledProtocols(settings.protocols());
            }
            if (settings.ciphers().length > 0) {
                tls.setEnabledCipherSuites(settings.ciphers());
            }
            if (settings.checkHost()) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                tls.setSSLParameters(parameters);
            }
        }
        return socket;
    }
}

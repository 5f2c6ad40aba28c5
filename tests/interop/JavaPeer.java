/* tests/interop/JavaPeer.java - TLS 1.3 by Java's JSSE; peer.h has the command line.
 *
 * Java tells neither the group nor whether a session was resumed. It asks for new keys by itself
 * when it has sent so many bytes with the old ones: --update-keys makes that 20,000.
 */
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class JavaPeer {
    static final List<String> FLAGS = List.of("--again", "--update-keys", "--tls12",
                                              "--both");
    static final Map<String, String> options = new HashMap<>();
    static final char[] NONE = {};
    static final InetAddress HERE = InetAddress.getLoopbackAddress();

    static Certificate[] certificates(String file) throws Exception {
        try (InputStream in = new FileInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in)
                .toArray(new Certificate[0]);
        }
    }

    static PrivateKey key(String file, String algorithm) throws Exception {
        String pem = Files.readString(Path.of(file)).replaceAll("-----.*?-----|\\s", "");
        return KeyFactory.getInstance(algorithm)
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    }

    static SSLContext configure() throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12"), trusted = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        trusted.load(null, null);
        if (options.containsKey("--cert")) {
            Certificate[] chain = certificates(options.get("--cert"));
            String algorithm = chain[0].getPublicKey().getAlgorithm();
            own.setKeyEntry("own", key(options.get("--key"), algorithm), NONE, chain);
        }
        if (options.containsKey("--ca"))
            trusted.setCertificateEntry("ca", certificates(options.get("--ca"))[0]);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        keys.init(own, NONE);
        if (options.containsKey("--ca"))
            trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(),
                     options.containsKey("--ca") ? trust.getTrustManagers() : null, null);
        return context;
    }

    static String[] versions() {
        return options.containsKey("--both")  ? new String[] { "TLSv1.3", "TLSv1.2" }
             : options.containsKey("--tls12") ? new String[] { "TLSv1.2" }
                                              : new String[] { "TLSv1.3" };
    }

    static void handshake(SSLSocket tls) throws IOException {
        tls.setTcpNoDelay(true);
        tls.setEnabledProtocols(versions());
        tls.startHandshake();
        System.out.println("connected " + tls.getSession().getCipherSuite() + " - -");
    }

    static void serve(SSLContext context, int port) throws IOException {
        var listener = (SSLServerSocket)
            context.getServerSocketFactory().createServerSocket(port, 8, HERE);
        listener.setNeedClientAuth(options.containsKey("--ca"));
        for (;;) {
            try (SSLSocket tls = (SSLSocket) listener.accept()) {
                handshake(tls);
                byte[] data = new byte[16384];
                for (int n; (n = tls.getInputStream().read(data)) > 0;)
                    tls.getOutputStream().write(data, 0, n);
            } catch (IOException e) {
                System.out.println("failed " + e);
            }
        }
    }

    static void connect(SSLContext context, int port) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(HERE, port);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("localhost")));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        try (tls) {
            handshake(tls);
            byte[] data = new byte[16000];
            for (int n = 0; n < 7; n++) {
                Arrays.fill(data, (byte) n);
                tls.getOutputStream().write(data);
                if (!Arrays.equals(tls.getInputStream().readNBytes(data.length), data))
                    throw new IOException("another echo");
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 2; i < arguments.length; i++)
            options.put(arguments[i], FLAGS.contains(arguments[i]) ? "" : arguments[++i]);
        if (options.containsKey("--groups"))
            System.setProperty("jdk.tls.namedGroups", options.get("--groups"));
        if (options.containsKey("--update-keys"))
            Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 20000, "
                                                      + "ChaCha20-Poly1305 KeyUpdate 20000");
        int port = Integer.parseInt(arguments[1]);
        SSLContext context = configure();
        if (arguments[0].equals("serve"))
            serve(context, port);
        try {
            connect(context, port);
            if (options.containsKey("--again"))
                connect(context, port);
        } catch (IOException e) {
            System.out.println("failed " + e);
            System.exit(1);
        }
    }
}

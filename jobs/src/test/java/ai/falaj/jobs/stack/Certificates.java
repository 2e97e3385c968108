package ai.falaj.jobs.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An authority of a test and what it signs, made with the JDK's keytool. */
public final class Certificates {

  /** Of all stores and keys. */
  public static final String PASSWORD = "changeit";

  private static final String AUTHORITY = "authority";

  private final Path directory;
  private final Path authority;
  private final Path authorityCertificate;

  /** Makes the authority; writes into this folder. */
  public Certificates(Path directory) {
    this.directory = directory;
    authority = store(AUTHORITY);
    authorityCertificate = file(AUTHORITY, "crt");
    generateKey(AUTHORITY, "bc:c");
    keytool(authority, AUTHORITY, "-exportcert", "-file", authorityCertificate.toString());
  }

  /** A key with a certificate for this machine that is valid from now. */
  public Path keyStore(String name) {
    return keyStore(name, "-0d", 30);
  }

  /** The same with a certificate that was valid once. */
  public Path expiredKeyStore(String name) {
    return keyStore(name, "-10d", 5);
  }

  private Path keyStore(String name, String start, int days) {
    Path store = store(name);
    String request = file(name, "csr").toString();
    String certificate = file(name, "crt").toString();
    generateKey(name, "ku=digitalSignature");
    keytool(store, name, "-certreq", "-file", request);
    keytool(
        authority,
        AUTHORITY,
        "-gencert",
        "-infile",
        request,
        "-outfile",
        certificate,
        "-ext",
        "san=ip:127.0.0.1,dns:localhost",
        "-startdate",
        start,
        "-validity",
        Integer.toString(days));
    importAuthority(store);
    keytool(store, name, "-importcert", "-file", certificate);
    return store;
  }

  /** A store that trusts what the authority signed. */
  public Path trustStore(String name) {
    Path store = store(name);
    importAuthority(store);
    return store;
  }

  private Path store(String name) {
    return file(name, "p12");
  }

  private Path file(String name, String extension) {
    return directory.resolve(name + "." + extension);
  }

  private void generateKey(String name, String extension) {
    keytool(
        store(name),
        name,
        "-genkeypair",
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-ext",
        extension);
  }

  private void importAuthority(Path store) {
    keytool(store, AUTHORITY, "-importcert", "-noprompt", "-file", authorityCertificate.toString());
  }

  private static void keytool(Path store, String alias, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-alias", alias, "-keystore", store.toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    try {
      Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (keytool.waitFor() != 0) {
        throw new IllegalStateException(output);
      }
    } catch (IOException e) {
      throw new IllegalStateException("keytool does not run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

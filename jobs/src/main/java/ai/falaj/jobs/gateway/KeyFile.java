package ai.falaj.jobs.gateway;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.web.AccessToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads keys from a file of lines {@code TENANT KEY}; {@code KEY} may be {@code sha256:} and the
 * hash of the key in hexadecimal digits, so that the file holds no secret. Empty lines and those
 * that begin with {@code #} are passed over. Stateless.
 */
final class KeyFile {

  private static final String HASHED = "sha256:";
  private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

  private KeyFile() {}

  /**
   * @throws CliException with the number of the line that is wrong, never with its text
   */
  static ApiKeys read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CliException.usage(
          "--keys " + file + " cannot be read: " + e.getMessage(), "correct it", e);
    }
    List<ApiKeys.Key> keys = new ArrayList<>();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        keys.add(key(line, file + " line " + number));
      }
    }
    if (keys.isEmpty()) {
      throw CliException.usage(
          "--keys " + file + " holds no key", "write lines of a tenant and its key");
    }
    return new ApiKeys(keys);
  }

  private static ApiKeys.Key key(String line, String place) {
    String[] parts = line.split("\\s+");
    if (parts.length != 2) {
      throw CliException.usage(
          place + " is not a tenant and a key", "write both, with white space between them");
    }
    try {
      return new ApiKeys.Key(parts[0], secret(parts[1]));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(place + ": " + e.getMessage(), "make one: openssl rand -hex 32", e);
    }
  }

  private static AccessToken secret(String text) {
    if (!text.startsWith(HASHED)) {
      return AccessToken.of(text);
    }
    String hash = text.substring(HASHED.length());
    if (!HASH.matcher(hash).matches()) {
      throw new IllegalArgumentException("sha256: needs 64 hexadecimal digits");
    }
    return AccessToken.ofSha256(HexFormat.of().parseHex(hash));
  }
}

package ai.falaj.schemas.registry;

import ai.falaj.schemas.registry.SchemaRegistryException.Kind;
import java.io.IOException;
import java.net.MalformedURLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry with Confluent's API (Confluent, Apicurio, Karapace, Redpanda), asked with Confluent's
 * own client.
 *
 * <p>The client is the copy inside {@code flink-sql-avro-confluent-registry}, whose packages are
 * relocated and whose Avro is another release, so schemas cross over as text. This class is the
 * only one that names the relocated packages. To use the plain client instead, add {@code
 * io.confluent:kafka-schema-registry-client} and delete {@code
 * org.apache.flink.avro.registry.confluent.shaded.} wherever it stands in this file; nothing else
 * changes.
 *
 * <p>Any thread. A call blocks for at most the connect and read timeouts, per URL; {@value
 * #CONNECT_TIMEOUT_MS} and {@value #READ_TIMEOUT_MS} ms unless {@code http.connect.timeout.ms} and
 * {@code http.read.timeout.ms} say otherwise. Schemas found are cached, as they never change. An id
 * that was not found is asked for again after {@link #UNKNOWN_ID_TTL}: the schema may be registered
 * a moment later. Failures are never cached.
 */
public final class ConfluentSchemaRegistry implements SchemaRegistry {

  static final int CONNECT_TIMEOUT_MS = 5_000;
  static final int READ_TIMEOUT_MS = 10_000;
  static final Duration UNKNOWN_ID_TTL = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(ConfluentSchemaRegistry.class);

  private static final int CACHE_CAPACITY = 1_000;
  private static final int LONGEST_ANSWER_SHOWN = 300;
  private static final String PREFIX = "schema.registry.";
  private static final String COMPATIBILITY = "BACKWARD";
  private static final String AVRO = "AVRO";

  private final RegistryConfig config;
  private final LongSupplier nanoClock;
  private final RestService rest;
  private final AvroSchemaProvider avroProvider = new AvroSchemaProvider();
  private final CachedSchemaRegistryClient client;
  private final BoundedCache<Integer, Schema> schemas = new BoundedCache<>(CACHE_CAPACITY);
  private final BoundedCache<Integer, Long> unknownIds = new BoundedCache<>(CACHE_CAPACITY);
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Connects to nothing yet.
   *
   * @throws SchemaRegistryException of kind OTHER where a setting is wrong (a key store that is not
   *     there, a timeout that is no number)
   */
  public ConfluentSchemaRegistry(RegistryConfig config) {
    this(config, System::nanoTime);
  }

  /**
   * @param nanoClock for how long an id stays unknown
   */
  ConfluentSchemaRegistry(RegistryConfig config, LongSupplier nanoClock) {
    this.config = config;
    this.nanoClock = nanoClock;
    this.rest = new RestService(config.urls());
    try {
      this.client =
          new CachedSchemaRegistryClient(
              rest, CACHE_CAPACITY, List.of(avroProvider), clientSettings(config), Map.of());
    } catch (RuntimeException e) {
      throw new SchemaRegistryException(
          Kind.OTHER,
          "The settings of " + this + " are wrong: " + rootMessage(e) + "; have " + config,
          e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A subject that is not there yet is set to BACKWARD first, as some registries (Apicurio)
   * check nothing by default. Where the registry forbids that, registration goes on, with a
   * warning.
   */
  @Override
  public int register(String subject, Schema schema) {
    return call(
        "register the schema " + schema.getFullName() + " under " + subject,
        () -> {
          if (isNewSubject(subject)) {
            maybeSetCompatibility(subject);
          }
          return registerOrFind(subject, new AvroSchema(schema.toString()));
        });
  }

  /**
   * Where several clients register the first version of a subject at once, some registries
   * (Apicurio) answer all but one with a conflict. The subject is there then: a second try finds
   * the schema, and an incompatible one is refused again.
   */
  private int registerOrFind(String subject, AvroSchema schema)
      throws IOException, RestClientException {
    try {
      return client.register(subject, schema);
    } catch (RestClientException conflict) {
      if (kindOf(conflict) != Kind.INCOMPATIBLE) {
        throw conflict;
      }
      return client.register(subject, schema);
    }
  }

  @Override
  public int schemaId(String subject, Schema schema) {
    return call(
        "look up the schema " + schema.getFullName() + " under " + subject,
        () -> client.getId(subject, new AvroSchema(schema.toString())));
  }

  @Override
  public Schema schemaById(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    Long askAgainAtNanos = unknownIds.get(id);
    if (askAgainAtNanos != null && nanoClock.getAsLong() - askAgainAtNanos < 0) {
      throw new SchemaRegistryException(Kind.NOT_FOUND, this + " has no schema of id " + id);
    }
    try {
      Schema found = call("find the schema of id " + id, () -> fetch(id));
      schemas.put(id, found);
      return found;
    } catch (SchemaRegistryException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        unknownIds.put(id, nanoClock.getAsLong() + UNKNOWN_ID_TTL.toNanos());
      }
      throw e;
    }
  }

  @Override
  public Schema latestSchema(String subject) {
    return schemaById(
        call(
            "find the newest schema of " + subject,
            () -> client.getLatestSchemaMetadata(subject).getId()));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      schemas.clear();
      unknownIds.clear();
      try {
        client.close();
      } catch (IOException e) {
        LOG.warn("Could not close the client of {}", this, e);
      }
    }
  }

  /** Names the registry without credentials. */
  @Override
  public String toString() {
    return "the schema registry at " + config.displayUrls();
  }

  private Schema fetch(int id) throws IOException, RestClientException {
    SchemaString found = rest.getId(id);
    if (found.getSchemaType() != null && !found.getSchemaType().equals(AVRO)) {
      throw new SchemaRegistryException(
          Kind.INCOMPATIBLE,
          "Schema " + id + " is of type " + found.getSchemaType() + "; only Avro can be read");
    }
    try {
      return parseForeign(canonical(found).rawSchema().toString());
    } catch (AvroRuntimeException e) {
      throw new SchemaRegistryException(
          Kind.INCOMPATIBLE,
          "Schema " + id + " is no valid Avro schema: " + oneLine(e.getMessage()),
          e);
    }
  }

  /** Puts the schemas that a schema refers to into it, which may ask the registry for them. */
  private AvroSchema canonical(SchemaString found) throws IOException, RestClientException {
    var entity =
        new org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client
            .rest.entities.Schema(null, null, null, found);
    try {
      return (AvroSchema) avroProvider.parseSchemaOrElseThrow(entity, false, false);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      if (e.getCause() instanceof RestClientException refused) {
        throw refused;
      }
      throw new AvroRuntimeException(rootMessage(e), e);
    }
  }

  /**
   * Other writers may use names and defaults that Avro's strict parser refuses; reading can cope.
   */
  private static Schema parseForeign(String schema) {
    return new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false).parse(schema);
  }

  private boolean isNewSubject(String subject) throws IOException, RestClientException {
    try {
      return client.getAllVersions(subject).isEmpty();
    } catch (RestClientException e) {
      if (kindOf(e) == Kind.NOT_FOUND) {
        return true;
      }
      if (kindOf(e) == Kind.UNREACHABLE) {
        throw e;
      }
      LOG.debug("May not list the versions of {}: {}", subject, e.getMessage());
      return false;
    }
  }

  private void maybeSetCompatibility(String subject) throws IOException, RestClientException {
    try {
      client.updateCompatibility(subject, COMPATIBILITY);
    } catch (RestClientException e) {
      if (kindOf(e) == Kind.UNREACHABLE) {
        throw e;
      }
      LOG.warn(
          "Could not set the compatibility of {} to {} (HTTP {}); set it in {} so that no later"
              + " schema breaks its readers",
          subject,
          COMPATIBILITY,
          e.getStatus(),
          this);
    }
  }

  /** One call to the registry, and the one place that sorts its failures. */
  private <T> T call(String what, RegistryCall<T> call) {
    if (closed.get()) {
      throw new IllegalStateException("Cannot " + what + ": closed");
    }
    try {
      return call.run();
    } catch (RestClientException e) {
      Kind kind = kindOf(e);
      throw new SchemaRegistryException(
          kind,
          "Could not "
              + what
              + ": "
              + this
              + " answered HTTP "
              + e.getStatus()
              + " ("
              + oneLine(e.getMessage())
              + "). "
              + remedy(kind),
          e);
    } catch (IOException e) {
      Kind kind = kindOf(e);
      throw new SchemaRegistryException(
          kind,
          "Could not "
              + what
              + ": no answer from "
              + this
              + " ("
              + oneLine(e.toString())
              + "). "
              + remedy(kind),
          e);
    }
  }

  /**
   * A missing subject, version or schema has an error code of five digits (40401, 40403 ...). A
   * bare 404 comes from a server that has no registry at this path: taking it for an unknown schema
   * would throw good records away.
   */
  private static Kind kindOf(RestClientException e) {
    return switch (e.getStatus()) {
      case 401, 403 -> Kind.UNAUTHORIZED;
      case 404 -> e.getErrorCode() / 100 == 404 ? Kind.NOT_FOUND : Kind.OTHER;
      case 408, 429 -> Kind.UNREACHABLE;
      case 409 -> Kind.INCOMPATIBLE;
      default -> e.getStatus() >= 500 ? Kind.UNREACHABLE : Kind.OTHER;
    };
  }

  private static Kind kindOf(IOException e) {
    return e instanceof MalformedURLException
            || e instanceof SSLHandshakeException
            || e instanceof SSLPeerUnverifiedException
        ? Kind.OTHER
        : Kind.UNREACHABLE;
  }

  private static String remedy(Kind kind) {
    return switch (kind) {
      case UNREACHABLE -> "Check that it runs and can be reached; the call may be repeated.";
      case NOT_FOUND ->
          "Register the schema, or check that this is the registry it was written with.";
      case INCOMPATIBLE -> "Give new fields a default and keep the names and types of old ones.";
      case UNAUTHORIZED ->
          "Check basic.auth.credentials.source=USER_INFO and basic.auth.user.info, and what this user"
              + " may do.";
      case OTHER ->
          "Check that "
              + RegistryConfig.URL
              + " holds the path of its Confluent API, and the schema.registry.ssl.* settings.";
    };
  }

  private static Map<String, Object> clientSettings(RegistryConfig config) {
    Map<String, Object> settings = new HashMap<>(config.extra());
    putIfUnset(settings, "http.connect.timeout.ms", String.valueOf(CONNECT_TIMEOUT_MS));
    putIfUnset(settings, "http.read.timeout.ms", String.valueOf(READ_TIMEOUT_MS));
    if (isSet(settings, "basic.auth.user.info")) {
      putIfUnset(settings, "basic.auth.credentials.source", "USER_INFO");
    }
    // Confluent's client accepts any host name in the certificate where this is not set.
    settings.putIfAbsent(PREFIX + "ssl.endpoint.identification.algorithm", "https");
    return settings;
  }

  /** The client takes a setting with and without the prefix, and either one if it has both. */
  private static void putIfUnset(Map<String, Object> settings, String key, String value) {
    if (!isSet(settings, key)) {
      settings.put(key, value);
    }
  }

  private static boolean isSet(Map<String, Object> settings, String key) {
    return settings.containsKey(key) || settings.containsKey(PREFIX + key);
  }

  /** What a proxy on the way sends instead of an error message may be a whole page. */
  private static String oneLine(String message) {
    String line = String.valueOf(message).replaceAll("\\s+", " ").strip();
    return line.length() <= LONGEST_ANSWER_SHOWN
        ? line
        : line.substring(0, LONGEST_ANSWER_SHOWN) + "...";
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName());
  }

  @FunctionalInterface
  private interface RegistryCall<T> {
    T run() throws IOException, RestClientException;
  }
}

package ai.falaj.operators.kafka.access;

import ai.falaj.operators.kafka.access.BrokerAccessException.Kind;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Asks a broker for topics, within seconds, and says in words what a Kafka client would only log.
 *
 * <p>A client in plain text before a TLS listener, or without credentials before one that wants
 * them, is told nothing: the broker closes the connection, and the client tries until its time is
 * up. So where time is up, the listener is asked by hand what it speaks. Any thread.
 */
public final class BrokerAccess {

  /** Longer than a broker takes to answer over any network, shorter than anyone's patience. */
  public static final Duration ANSWER_LIMIT = Duration.ofSeconds(6);

  private static final String PROTOCOL = CommonClientConfigs.SECURITY_PROTOCOL_CONFIG;

  private BrokerAccess() {}

  /**
   * Returns when the broker showed these topics. Takes {@link #ANSWER_LIMIT} at most, and two
   * seconds more where it does not answer.
   *
   * @param settings of a Kafka client, {@code bootstrap.servers} among them; time-outs in there are
   *     for sending and reading and not used here
   * @param topics that have to be there; none asks only for an answer
   * @throws BrokerAccessException where it does not answer, lets nobody in, or lacks a topic
   */
  public static void require(Map<String, ?> settings, Collection<String> topics)
      throws BrokerAccessException, InterruptedException {
    Map<String, Object> all = new HashMap<>(SecretReferences.resolvable(settings));
    SecretReferences.requireResolved(all);
    int limitMs = (int) ANSWER_LIMIT.toMillis();
    all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, limitMs / 2);
    all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, limitMs);
    try (Admin admin = Admin.create(all)) {
      if (topics.isEmpty()) {
        admin.describeCluster().nodes().get();
      } else {
        admin.describeTopics(topics).allTopicNames().get();
      }
    } catch (ExecutionException e) {
      throw unusable(all, topics, e.getCause());
    } catch (KafkaException e) {
      throw new BrokerAccessException(
          Kind.SETTINGS,
          "the Kafka settings are wrong: " + root(e).getMessage(),
          "correct them",
          e);
    }
  }

  private static BrokerAccessException unusable(
      Map<String, Object> settings, Collection<String> topics, Throwable cause) {
    String broker = String.valueOf(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    if (cause instanceof TimeoutException) {
      return silent(broker, settings, cause);
    }
    if (cause instanceof UnknownTopicOrPartitionException) {
      return new BrokerAccessException(
          Kind.MISSING_TOPIC,
          "the broker at " + broker + " lacks a topic of " + String.join(", ", topics),
          "create it",
          cause);
    }
    if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
      return new BrokerAccessException(
          Kind.REFUSED,
          "the broker at " + broker + " and this client do not agree: " + reason(cause),
          "check " + PROTOCOL + " and the sasl.* or ssl.* settings",
          cause);
    }
    return new BrokerAccessException(
        Kind.OTHER,
        "the broker at " + broker + " answered: " + cause.getMessage(),
        "see its log",
        cause);
  }

  /** What to say of a broker that did not answer, which may be because of how it was asked. */
  private static BrokerAccessException silent(
      String broker, Map<String, Object> settings, Throwable cause) {
    String protocol = String.valueOf(settings.getOrDefault(PROTOCOL, "PLAINTEXT"));
    boolean withTls = protocol.endsWith("SSL");
    ListenerProbe.Speaks speaks = ListenerProbe.ask(List.of(broker.split(",")));
    if (speaks == ListenerProbe.Speaks.NOTHING) {
      return new BrokerAccessException(
          Kind.UNREACHABLE, "no Kafka broker answers at " + broker, "start it", cause);
    }
    if (speaks == ListenerProbe.Speaks.TLS && !withTls) {
      return refused(
          "the listener at " + broker + " speaks TLS, and " + PROTOCOL + " is " + protocol,
          "set " + PROTOCOL + " to SSL or SASL_SSL",
          cause);
    }
    if (speaks == ListenerProbe.Speaks.PLAIN_TEXT && withTls) {
      return refused(
          "the listener at " + broker + " speaks no TLS, and " + PROTOCOL + " is " + protocol,
          "name its TLS port",
          cause);
    }
    return refused(
        "the listener at " + broker + " takes connections and does not answer to " + protocol,
        "set " + PROTOCOL + " to SASL_" + (withTls ? "SSL" : "PLAINTEXT") + " if it wants a user",
        cause);
  }

  private static BrokerAccessException refused(String problem, String remedy, Throwable cause) {
    return new BrokerAccessException(Kind.REFUSED, problem, remedy, cause);
  }

  /** "SSL handshake failed" says little; what made it fail is the innermost cause. */
  private static String reason(Throwable cause) {
    Throwable root = root(cause);
    return root == cause || root.getMessage() == null
        ? cause.getMessage()
        : cause.getMessage() + ": " + root.getMessage();
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}

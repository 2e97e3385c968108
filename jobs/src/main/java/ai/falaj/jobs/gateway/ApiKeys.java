package ai.falaj.jobs.gateway;

import ai.falaj.jobs.web.AccessToken;
import java.util.List;
import java.util.Optional;

/**
 * Which key is whose. Keys are held as hashes, and every one is compared with, so that the time
 * says nothing of which was nearly right. Immutable; any thread.
 *
 * @param keys in the order of the file
 */
record ApiKeys(List<Key> keys) {

  /** A key of a tenant. */
  record Key(String tenant, AccessToken secret) {}

  ApiKeys {
    keys = List.copyOf(keys);
  }

  /** The tenant of that key; empty for one that nobody has. */
  Optional<String> tenantOf(String candidate) {
    String tenant = null;
    for (Key key : keys) {
      if (key.secret().matches(candidate)) {
        tenant = key.tenant();
      }
    }
    return Optional.ofNullable(tenant);
  }
}

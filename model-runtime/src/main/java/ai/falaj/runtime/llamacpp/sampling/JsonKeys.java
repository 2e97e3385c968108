package ai.falaj.runtime.llamacpp.sampling;

import java.util.Optional;

/**
 * Which keys the open objects of a JSON text have so far: what a grammar cannot know. Reads texts
 * that a grammar holds to JSON, in which a key has one spelling. Immutable.
 */
final class JsonKeys {

  /** Before the first byte. */
  static final JsonKeys START = new JsonKeys(Place.BETWEEN, null, false, "");

  private enum Place {
    BETWEEN,
    KEY,
    KEY_ESCAPE,
    TEXT,
    TEXT_ESCAPE
  }

  /** An open object or array; its keys are a list from the last to the first. */
  private record Container(Container outer, boolean object, Key lastKey) {
    boolean has(String name) {
      for (Key key = lastKey; key != null; key = key.before) {
        if (key.name.equals(name)) {
          return true;
        }
      }
      return false;
    }

    Container with(String name) {
      return new Container(outer, object, new Key(name, lastKey));
    }
  }

  private record Key(String name, Key before) {}

  private final Place place;
  private final Container container;
  private final boolean keyNext;
  private final String key;

  /**
   * @param keyNext whether the next quotation mark begins a key
   * @param key the bytes of the key that is being read, one char each
   */
  private JsonKeys(Place place, Container container, boolean keyNext, String key) {
    this.place = place;
    this.container = container;
    this.keyNext = keyNext;
    this.key = key;
  }

  /** The state after some more bytes; empty if they give an object a key that it has already. */
  Optional<JsonKeys> after(byte[] bytes) {
    JsonKeys keys = this;
    for (byte octet : bytes) {
      if (keys.place == Place.KEY && octet == '"' && keys.container.has(keys.key)) {
        return Optional.empty();
      }
      keys = keys.after((char) (octet & 0xff));
    }
    return Optional.of(keys);
  }

  private JsonKeys after(char octet) {
    return switch (place) {
      case BETWEEN -> afterPunctuation(octet);
      case TEXT ->
          switch (octet) {
            case '"' -> new JsonKeys(Place.BETWEEN, container, false, "");
            case '\\' -> new JsonKeys(Place.TEXT_ESCAPE, container, false, "");
            default -> this;
          };
      case TEXT_ESCAPE -> new JsonKeys(Place.TEXT, container, false, "");
      case KEY ->
          switch (octet) {
            case '"' -> new JsonKeys(Place.BETWEEN, container.with(key), false, "");
            case '\\' -> new JsonKeys(Place.KEY_ESCAPE, container, false, key + octet);
            default -> new JsonKeys(Place.KEY, container, false, key + octet);
          };
      case KEY_ESCAPE -> new JsonKeys(Place.KEY, container, false, key + octet);
    };
  }

  private JsonKeys afterPunctuation(char octet) {
    return switch (octet) {
      case '{' -> new JsonKeys(place, new Container(container, true, null), true, "");
      case '[' -> new JsonKeys(place, new Container(container, false, null), false, "");
      case '}', ']' -> new JsonKeys(place, container.outer, false, "");
      case ',' -> new JsonKeys(place, container, container.object, "");
      case '"' -> new JsonKeys(keyNext ? Place.KEY : Place.TEXT, container, false, "");
      default -> this;
    };
  }
}

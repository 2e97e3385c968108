package ai.falaj.schemas;

/**
 * {@link RecordsOfVersion2} with every field of version 3 set too. The files in {@code
 * src/test/resources/schemas/v3} hold the same records: leave these values and set no later field,
 * so that those files still read as equal to them.
 */
public final class RecordsOfVersion3 {

  private RecordsOfVersion3() {}

  public static DeadLetter deadLetter() {
    return DeadLetter.newBuilder(RecordsOfVersion2.deadLetter()).setRetries(2).build();
  }
}

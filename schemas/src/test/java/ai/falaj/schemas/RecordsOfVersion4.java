package ai.falaj.schemas;

/**
 * {@link RecordsOfVersion3} with the symbols that version 4 added. The files in {@code
 * src/test/resources/schemas/v4} hold the same records: leave these values and set no later field,
 * so that those files still read as equal to them.
 */
public final class RecordsOfVersion4 {

  private RecordsOfVersion4() {}

  public static CompletionChunk chunk() {
    return CompletionChunk.newBuilder(RecordsOfVersion2.chunk())
        .setFinishReason(FinishReason.TOOL_CALLS)
        .build();
  }

  public static Completion completion() {
    return Completion.newBuilder(RecordsOfVersion2.completion())
        .setFinishReason(FinishReason.TOOL_CALLS)
        .build();
  }

  public static DeadLetter deadLetter() {
    return DeadLetter.newBuilder(RecordsOfVersion3.deadLetter())
        .setErrorCode(ErrorCode.CONTENT_FILTERED)
        .build();
  }
}

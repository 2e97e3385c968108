package ai.falaj.operators.serialization;

import ai.falaj.operators.Conversation;
import ai.falaj.schemas.ChatMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;

/**
 * Writes what is kept of conversations. Messages go through Avro, so that their schema evolves by
 * Avro's rules; the rest has a layout version: 2 added how many turns wait for a summary.
 */
public final class ConversationSerializer extends ImmutableSerializer<Conversation> {

  private static final long serialVersionUID = 1L;

  private static final int TRUNCATED_LAYOUT = 1;
  private static final int LAYOUT = 2;

  private final TypeSerializer<ChatMessage> messages;

  public ConversationSerializer() {
    this(new AvroSerializer<>(ChatMessage.class));
  }

  private ConversationSerializer(TypeSerializer<ChatMessage> messages) {
    this.messages = messages;
  }

  @Override
  int layoutVersion() {
    return LAYOUT;
  }

  @Override
  void write(Conversation conversation, DataOutputView target) throws IOException {
    writeMessages(conversation.system(), target);
    target.writeInt(conversation.turns().size());
    for (Conversation.Turn turn : conversation.turns()) {
      writeMessages(turn.messages(), target);
    }
    target.writeInt(conversation.outgrown());
  }

  @Override
  Conversation read(int layout, DataInputView source) throws IOException {
    List<ChatMessage> system = readMessages(source);
    List<Conversation.Turn> turns = new ArrayList<>();
    for (int left = source.readInt(); left > 0; left--) {
      turns.add(new Conversation.Turn(readMessages(source)));
    }
    return new Conversation(system, turns, layout > TRUNCATED_LAYOUT ? source.readInt() : 0);
  }

  private void writeMessages(List<ChatMessage> list, DataOutputView target) throws IOException {
    target.writeInt(list.size());
    for (ChatMessage message : list) {
      messages.serialize(message, target);
    }
  }

  private List<ChatMessage> readMessages(DataInputView source) throws IOException {
    List<ChatMessage> list = new ArrayList<>();
    for (int left = source.readInt(); left > 0; left--) {
      list.add(messages.deserialize(source));
    }
    return list;
  }

  @Override
  public TypeSerializer<Conversation> duplicate() {
    return new ConversationSerializer(messages.duplicate());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConversationSerializer that && messages.equals(that.messages);
  }

  @Override
  public int hashCode() {
    return messages.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<Conversation> snapshotConfiguration() {
    return new Snapshot(this);
  }

  /** Holds the Avro schema that messages were written with. */
  public static final class Snapshot
      extends CompositeTypeSerializerSnapshot<Conversation, ConversationSerializer> {

    /** For Flink, which reads the rest from the checkpoint. */
    public Snapshot() {}

    Snapshot(ConversationSerializer serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return LAYOUT;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(ConversationSerializer serializer) {
      return new TypeSerializer<?>[] {serializer.messages};
    }

    @Override
    @SuppressWarnings("unchecked")
    protected ConversationSerializer createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new ConversationSerializer((TypeSerializer<ChatMessage>) nested[0]);
    }
  }
}

package ai.falaj.benchmarks.speculation;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.Prompt;
import java.util.List;

/** Tasks whose answers quote their prompt, as summaries, corrections and extractions do. */
final class CopyPrompts {

  private static final List<String> TEXTS =
      List.of(
          "A falaj brings water from a mother well at the foot of the mountains to the gardens of a "
              + "village. The channel runs underground for many kilometres, so that little of the "
              + "water is lost to the sun. Shafts along its way let workers in to clear it of sand "
              + "and stones. At the end the water is shared among the families by time: each has so "
              + "many hours of it, and a sundial or the stars tell when they are over.",
          "The night shift reported three alarms on pump seven. At 01:12 the pressure fell to two "
              + "bar and came back within a minute. At 02:40 it fell again, and the standby pump "
              + "took over. At 04:05 pump seven was stopped by hand. The filter was found blocked "
              + "with sand and was changed at 05:30. Pump seven has run without an alarm since 06:00.",
          "The order of 14 March holds forty sacks of barley, twelve sacks of dates and six jars of "
              + "honey. The barley came on 18 March and was complete. Of the dates only nine sacks "
              + "came; the other three are promised for 2 April. Two of the jars of honey were "
              + "broken on the way. The customer asks for two new jars and a lower bill for the dates.",
          "Each train leaves the harbour at ten minutes past the hour and needs twenty-five minutes "
              + "to the old market. On Fridays the first train leaves at eight, on other days at six. "
              + "Tickets are sold at the harbour and at the old market, but not on the train. Whoever "
              + "travels with a bicycle waits for the last carriage and pays half a ticket more.",
          "The committee read five proposals for the library. Two of them would close the reading "
              + "room for a year, which the committee does not want. One would build a new hall in "
              + "the garden, which is too expensive. The other two keep the reading room open and "
              + "repair the roof first. The committee chose the one that also repairs the windows, "
              + "and asks the architect for a plan by the end of June.",
          "Mix the flour with the water and leave it for an hour. Add the salt, the yeast and the oil "
              + "and knead the dough until it no longer sticks to the hands. Leave it in a warm place "
              + "for two hours. Form eight loaves, press them flat and leave them for another half "
              + "hour. Bake them in a very hot oven for seven minutes, until they are brown at the rim.");

  private CopyPrompts() {}

  static int count() {
    return TEXTS.size();
  }

  static Prompt prompt(int index) {
    return new Prompt.Chat(
        List.of(
            new ChatMessage(
                "user", "Repeat the following text word for word.\n\n" + TEXTS.get(index))));
  }
}

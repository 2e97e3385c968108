package ai.falaj.jobs.demo;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.PromptFile;
import ai.falaj.jobs.client.PromptJson;
import ai.falaj.jobs.client.PromptJsonException;
import ai.falaj.jobs.client.PromptLines;
import ai.falaj.schemas.PromptRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The prompts of one run of the demo, in memory. */
final class DemoPrompts {

  private DemoPrompts() {}

  /**
   * A prompt under an id of this run.
   *
   * @param label its id in the file
   */
  record DemoPrompt(PromptRequest request, String label) {}

  /**
   * Reads the file and gives every prompt an id of its own, so that two runs on the same topics
   * never meet.
   *
   * @throws CliException where the file is missing, empty or has a bad line
   */
  static List<DemoPrompt> read(Path path) throws IOException {
    PromptJson json = new PromptJson(() -> "prompt", InstantSource.system());
    String run = UUID.randomUUID().toString().substring(0, 8);
    Set<String> ids = new HashSet<>();
    List<DemoPrompt> prompts = new ArrayList<>();
    try (PromptFile file = PromptFile.of(path)) {
      if (file.requireValid(json) == 0) {
        throw CliException.usage(path + " holds no prompt", "give a file of JSON lines");
      }
      try (BufferedReader reader = file.open()) {
        PromptLines lines = new PromptLines(json, reader);
        Optional<PromptRequest> prompt = lines.next();
        while (prompt.isPresent()) {
          String label = unique(prompt.get().getRequestId(), ids);
          PromptRequest request =
              PromptRequest.newBuilder(prompt.get())
                  .setRequestId("demo-" + run + "-" + label)
                  .build();
          prompts.add(new DemoPrompt(request, label));
          prompt = lines.next();
        }
      }
    } catch (PromptJsonException e) {
      throw CliException.usage(path + " changed while it was read", "start the demo again", e);
    }
    return List.copyOf(prompts);
  }

  private static String unique(String id, Set<String> taken) {
    String unique = id;
    for (int i = 2; !taken.add(unique); i++) {
      unique = id + "-" + i;
    }
    return unique;
  }
}

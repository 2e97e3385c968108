package ai.falaj.jobs.cli;

import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.models.PulledModel;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code falaj model pull}: downloads a model of the catalogue, or continues to. */
@Command(name = "pull", description = "Download a model; continues where an earlier try stopped.")
final class ModelPullCommand extends FalajCommand {

  @Parameters(paramLabel = "NAME[:QUANT]", description = "A model that 'falaj model list' shows.")
  private String name;

  /** As {@code --json} prints it. */
  record Pulled(String model, String file, String sha256, String source, String checksum) {}

  @Override
  protected int run(Console console) throws ModelException, InterruptedException {
    PulledModel pulled =
        ModelStore.fromEnvironment().pull(name, new ConsoleProgressListener(console));
    if (console.isJson()) {
      console.json(
          new Pulled(
              pulled.reference().id(),
              pulled.file().toString(),
              pulled.sha256(),
              pulled.source(),
              pulled.checksum().name().toLowerCase(Locale.ROOT)));
    } else {
      console.say(pulled.reference() + " is at " + pulled.file());
      console.say("  from " + pulled.source() + ", SHA-256 " + pulled.sha256());
    }
    return ExitCodes.OK;
  }
}

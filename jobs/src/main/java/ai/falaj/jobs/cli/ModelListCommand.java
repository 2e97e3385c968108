package ai.falaj.jobs.cli;

import ai.falaj.runtime.models.CatalogueFile;
import ai.falaj.runtime.models.CatalogueModel;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelReference;
import ai.falaj.runtime.models.ModelStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code falaj model list}: what the catalogue holds and what of it is on this machine. */
@Command(name = "list", description = "List the models Falaj knows by name.")
final class ModelListCommand extends FalajCommand {

  /** What one generation of the demo's length takes; the list is to compare, not to plan. */
  private static final int SEQUENCES = 1;

  private static final int CONTEXT_TOKENS = 4_096;

  /** One quantization of a model, as {@code --json} prints it. */
  record Row(
      String name,
      String quantization,
      boolean isDefault,
      long parameters,
      long fileBytes,
      long memoryBytes,
      int contextTokens,
      String licence,
      String description,
      String file) {}

  @Override
  protected int run(Console console) throws ModelException {
    List<Row> rows = rows(ModelStore.fromEnvironment());
    if (console.isJson()) {
      console.json(rows);
      return ExitCodes.OK;
    }
    console.say(
        console.styled(
            Style.BOLD,
            String.format(
                "%-24s %-7s %7s %9s %9s  %s",
                "MODEL", "QUANT", "PARAMS", "FILE", "MEMORY", "HERE")));
    for (Row row : rows) {
      console.say(line(row));
    }
    console.say("");
    console.say(
        "* taken when none is named; another: NAME:QUANT. Memory: weights and 4,096 tokens.");
    console.say("Any .gguf file works by its path. Download one with: falaj model pull NAME");
    return ExitCodes.OK;
  }

  private static List<Row> rows(ModelStore store) {
    List<Row> rows = new ArrayList<>();
    for (CatalogueModel model : store.catalogue().models()) {
      for (CatalogueFile file : model.files()) {
        rows.add(row(store, model, file));
      }
    }
    return rows;
  }

  private static Row row(ModelStore store, CatalogueModel model, CatalogueFile file) {
    return new Row(
        model.name(),
        file.quantization(),
        file.equals(model.defaultFile()),
        model.parameters(),
        file.bytes(),
        model.estimatedMemoryBytes(file, SEQUENCES, CONTEXT_TOKENS),
        model.contextTokens(),
        model.licence(),
        model.description(),
        store.find(new ModelReference(model, file)).map(Object::toString).orElse(null));
  }

  private static String line(Row row) {
    return String.format(
        Locale.ROOT,
        "%-24s %-7s %7s %9s %9s  %s",
        row.name(),
        row.quantization() + (row.isDefault() ? "*" : ""),
        Amounts.count(row.parameters()),
        Amounts.bytes(row.fileBytes()),
        Amounts.bytes(row.memoryBytes()),
        row.file() == null ? "-" : "yes");
  }
}

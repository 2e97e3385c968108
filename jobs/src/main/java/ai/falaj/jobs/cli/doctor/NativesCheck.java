package ai.falaj.jobs.cli.doctor;

import ai.falaj.runtime.llamacpp.ffi.Jna;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibrariesException;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether llama.cpp's libraries are installed and whole, and which of their CPU backends would
 * load.
 */
final class NativesCheck implements Check {

  private static final String NAME = "llama.cpp";

  @Override
  public CheckResult run() {
    try {
      return NativeLibraries.fromEnvironment()
          .verify()
          .map(NativesCheck::found)
          .orElseGet(NativesCheck::missing);
    } catch (NativeLibrariesException e) {
      return CheckResult.fail(NAME, "cannot be used", e.getMessage());
    }
  }

  private static CheckResult found(LlamaLibraries libraries) {
    Optional<String> problem = Jna.problem();
    if (problem.isPresent()) {
      String[] parts = problem.get().split("; ", 2);
      return CheckResult.fail(NAME, parts[0], parts[1]);
    }
    Optional<String> backend = CpuBackends.best(libraries.folder());
    String detail =
        NativeLibraries.LLAMA_CPP_VERSION
            + " ("
            + libraries.source().name().toLowerCase(Locale.ROOT)
            + ") in "
            + libraries.folder()
            + backend.map(name -> ", CPU backend " + name).orElse("");
    return CheckResult.ok(NAME, detail);
  }

  private static CheckResult missing() {
    String detail = NativeLibraries.LLAMA_CPP_VERSION + " is not installed yet";
    if (Tool.firstLine("npm", "--version").isPresent()) {
      return CheckResult.ok(NAME, detail + "; the first use installs it with npm (10 MB)");
    }
    return CheckResult.fail(
        NAME,
        detail + " and npm, which would fetch it, is missing",
        "install npm, or set "
            + NativeLibraries.OVERRIDE_VARIABLE
            + " to a folder with its shared libraries");
  }
}

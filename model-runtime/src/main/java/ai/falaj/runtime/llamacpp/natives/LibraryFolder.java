package ai.falaj.runtime.llamacpp.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Recognises llama.cpp's libraries in a folder, whoever built them: {@code libllama.v0.5.0.so} and
 * {@code libllama.cuda.v0.5.0.so} of the prebuilt packages, {@code libllama.so} and {@code
 * libllama.so.0.5.0} of llama.cpp's own build, and the same as {@code .dylib}.
 */
final class LibraryFolder {

  private static final int ELF_HEADER_BYTES = 20;
  private static final byte[] ELF_MAGIC = {0x7f, 'E', 'L', 'F'};
  private static final int ELF_X86_64 = 0x3e;
  private static final int ELF_AARCH64 = 0xb7;

  private LibraryFolder() {}

  static LlamaLibraries recognise(Path folder, Platform platform, LlamaLibraries.Source source)
      throws NativeLibrariesException {
    if (!Files.isDirectory(folder)) {
      throw new NativeLibrariesException(
          folder + " is no folder; " + NativeLibraries.OVERRIDE_REMEDY);
    }
    Path llama = find(folder, "llama");
    Path ggml = find(folder, "ggml");
    requireArchitecture(llama, platform);
    requireCpuBackend(folder);
    return new LlamaLibraries(folder, llama, ggml, source);
  }

  private static Path find(Path folder, String library) throws NativeLibrariesException {
    Pattern name =
        Pattern.compile(
            "lib"
                + library
                + "(\\.(cuda|vulkan|metal))?(\\.v[0-9.]+)?(\\.so(\\.[0-9]+)*|\\.dylib)");
    Optional<Path> found =
        list(folder).stream()
            .filter(file -> name.matcher(file.getFileName().toString()).matches())
            .min(
                Comparator.comparing((Path file) -> file.getFileName().toString().length())
                    .thenComparing(Comparator.naturalOrder()));
    return found.orElseThrow(
        () ->
            new NativeLibrariesException(
                folder + " holds no lib" + library + "; " + NativeLibraries.OVERRIDE_REMEDY));
  }

  private static void requireCpuBackend(Path folder) throws NativeLibrariesException {
    if (list(folder).stream()
        .noneMatch(file -> file.getFileName().toString().startsWith("libggml-cpu"))) {
      throw new NativeLibrariesException(
          folder
              + " holds no CPU backend (libggml-cpu*); put it beside libllama, or "
              + NativeLibraries.OVERRIDE_REMEDY);
    }
  }

  private static List<Path> list(Path folder) throws NativeLibrariesException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new NativeLibrariesException(
          folder + " cannot be listed (" + e + "); make it readable", e);
    }
  }

  /** The loader's own message for this ("wrong ELF class", "cannot open") helps nobody. */
  private static void requireArchitecture(Path library, Platform platform)
      throws NativeLibrariesException {
    if (!platform.os().equals("linux")) {
      return;
    }
    byte[] header;
    try (InputStream in = Files.newInputStream(library)) {
      header = in.readNBytes(ELF_HEADER_BYTES);
    } catch (IOException e) {
      throw new NativeLibrariesException(
          library + " cannot be read (" + e + "); make it readable", e);
    }
    String built = architecture(header);
    if (!built.equals(platform.architecture())) {
      throw new NativeLibrariesException(
          library
              + " is "
              + (built.isEmpty() ? "no 64-bit ELF library" : "built for " + built)
              + " and this machine is "
              + platform.id()
              + "; "
              + NativeLibraries.OVERRIDE_REMEDY);
    }
  }

  private static String architecture(byte[] header) {
    boolean elf64 = header.length == ELF_HEADER_BYTES && header[4] == 2;
    for (int i = 0; elf64 && i < ELF_MAGIC.length; i++) {
      elf64 = header[i] == ELF_MAGIC[i];
    }
    if (!elf64) {
      return "";
    }
    int machine = Byte.toUnsignedInt(header[18]) | Byte.toUnsignedInt(header[19]) << 8;
    return switch (machine) {
      case ELF_X86_64 -> "x64";
      case ELF_AARCH64 -> "arm64";
      default -> "ELF machine " + machine;
    };
  }
}

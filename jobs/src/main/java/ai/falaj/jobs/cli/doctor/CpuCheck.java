package ai.falaj.jobs.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the processor can do for llama.cpp: its kernels are chosen by these features at load time.
 */
final class CpuCheck implements Check {

  private static final String NAME = "cpu";

  /** As Linux names them; the first is the least that is of use on x86. */
  private static final List<String> X86 =
      List.of(
          "avx2",
          "f16c",
          "fma",
          "avx_vnni",
          "avx512f",
          "avx512_vnni",
          "avx512_bf16",
          "amx_int8",
          "amx_bf16");

  private static final List<String> ARM =
      List.of("asimd", "neon", "asimddp", "dotprod", "i8mm", "sve", "sme");

  private final String architecture;
  private final Set<String> flags;
  private final int cores;

  CpuCheck(String architecture, Set<String> flags, int cores) {
    this.architecture = architecture;
    this.flags = flags;
    this.cores = cores;
  }

  static CpuCheck ofThisMachine() {
    return new CpuCheck(
        System.getProperty("os.arch"),
        flagsOfThisMachine(),
        Runtime.getRuntime().availableProcessors());
  }

  @Override
  public CheckResult run() {
    boolean arm = architecture.equals("aarch64") || architecture.startsWith("arm");
    String found =
        (arm ? ARM : X86).stream().filter(flags::contains).collect(Collectors.joining(" "));
    String detail =
        cores
            + (cores == 1 ? " core, " : " cores, ")
            + architecture
            + (flags.isEmpty()
                ? ", features unknown"
                : ", " + (found.isEmpty() ? "no vector features" : found));
    if (!arm && !flags.isEmpty() && !flags.contains("avx2")) {
      return CheckResult.warn(
          NAME, detail, "use a processor with AVX2: without it models run many times slower");
    }
    if (cores < 2) {
      return CheckResult.warn(
          NAME, detail, "give it two cores or more: Kafka and Flink share them with the model");
    }
    return CheckResult.ok(NAME, detail);
  }

  private static Set<String> flagsOfThisMachine() {
    try {
      return parse(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      return parseSysctl(Tool.lines("sysctl", "-a"));
    }
  }

  /** The features of the first processor of {@code /proc/cpuinfo}. */
  static Set<String> parse(List<String> cpuinfo) {
    return cpuinfo.stream()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip().split("\\s+"))
        .map(names -> (Set<String>) new TreeSet<>(Arrays.asList(names)))
        .orElse(Set.of());
  }

  /** The features that macOS tells, under the names Linux has for them. */
  static Set<String> parseSysctl(List<String> lines) {
    Set<String> found = new TreeSet<>();
    for (String line : lines) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("machdep.cpu.") && lower.contains("features:")) {
        found.addAll(Arrays.asList(lower.substring(lower.indexOf(':') + 1).strip().split("\\s+")));
      } else if (lower.startsWith("hw.optional.") && lower.endsWith(": 1")) {
        found.add(
            lower
                .substring(lower.lastIndexOf('.', lower.indexOf(':')) + 1, lower.indexOf(':'))
                .replace("feat_", ""));
      }
    }
    return found;
  }
}

package ai.falaj.jobs.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.doctor.CheckResult.Status;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.runtime.memory.MachineMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksTest {

  private static final long GB = 1_000_000_000L;

  @TempDir private Path directory;

  @Test
  void acceptsTheJavaReleasesFlinkIsTestedWith() {
    assertThat(new JavaCheck(17).run().status()).isEqualTo(Status.OK);
    assertThat(new JavaCheck(21).run().status()).isEqualTo(Status.OK);
    assertThat(new JavaCheck(25).run().status()).isEqualTo(Status.WARN);
    assertThat(new JavaCheck(11).run().status()).isEqualTo(Status.FAIL);
  }

  @Test
  void failsWhereTheModelCannotFitAndWarnsWhereOthersUseTheMemory() {
    assertThat(memory(16 * GB, 8 * GB)).isEqualTo(Status.OK);
    assertThat(memory(16 * GB, 1 * GB)).isEqualTo(Status.WARN);
    assertThat(memory(2 * GB, 2 * GB)).isEqualTo(Status.FAIL);
  }

  private static Status memory(long total, long available) {
    return new MemoryCheck(new MachineMemory(total, available), "m", GB).run().status();
  }

  @Test
  void seesThisMachinesMemory() {
    MachineMemory memory = MachineMemory.current();

    assertThat(memory.availableBytes()).isPositive().isLessThanOrEqualTo(memory.totalBytes());
  }

  @Test
  void namesTheVectorFeaturesOfX86() {
    CheckResult result = new CpuCheck("amd64", Set.of("fpu", "avx2", "amx_int8"), 8).run();

    assertThat(result).isEqualTo(CheckResult.ok("cpu", "8 cores, amd64, avx2 amx_int8"));
  }

  @Test
  void warnsOfAProcessorWithoutAvx2OrWithOneCore() {
    assertThat(new CpuCheck("amd64", Set.of("fpu"), 8).run().status()).isEqualTo(Status.WARN);
    assertThat(new CpuCheck("aarch64", Set.of("asimd"), 1).run().status()).isEqualTo(Status.WARN);
    assertThat(new CpuCheck("aarch64", Set.of("asimd"), 2).run().status()).isEqualTo(Status.OK);
  }

  @Test
  void readsTheFeaturesThatLinuxTells() {
    assertThat(CpuCheck.parse(List.of("processor\t: 0", "flags\t\t: fpu avx2", "flags : other")))
        .containsExactly("avx2", "fpu");
    assertThat(CpuCheck.parse(List.of("Features\t: fp asimd"))).containsExactly("asimd", "fp");
    assertThat(CpuCheck.parse(List.of())).isEmpty();
  }

  @Test
  void readsTheFeaturesThatMacOsTells() {
    assertThat(
            CpuCheck.parseSysctl(
                List.of(
                    "machdep.cpu.leaf7_features: BMI1 AVX2",
                    "hw.optional.neon: 1",
                    "hw.optional.arm.FEAT_I8MM: 1",
                    "hw.optional.arm.FEAT_SME: 0")))
        .containsExactly("avx2", "bmi1", "i8mm", "neon");
  }

  @Test
  void looksForDiskSpaceWhereTheCacheWillBe() {
    Path cache = directory.resolve("not/yet/there");

    assertThat(new DiskCheck(cache, 1).run().detail()).endsWith("free at " + cache);
    assertThat(new DiskCheck(cache, Long.MAX_VALUE).run().status()).isEqualTo(Status.FAIL);
    assertThat(cache).doesNotExist();
  }

  @Test
  void namesTakenPortsUnlessTheLocalStackHasThem() throws IOException {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      StackPorts ports = new StackPorts(holder.getLocalPort(), 0, 0);

      CheckResult taken = new PortsCheck(ports, Optional.empty()).run();
      CheckResult ours =
          new PortsCheck(ports, Optional.of(new StackDescription("k:1", "r", "http://f", 7, 0)))
              .run();

      assertThat(taken.status()).isEqualTo(Status.WARN);
      assertThat(taken.detail()).startsWith("taken: " + holder.getLocalPort());
      assertThat(ours.status()).isEqualTo(Status.OK);
      assertThat(ours.detail()).contains("pid 7");
    }
  }

  @Test
  void takesTheFirstLineThatAToolPrints() throws IOException {
    assertThat(Tool.firstLine("sh", "-c", "echo; printf '\\033[1mTool 1.2\\033[0m\\nmore\\n'"))
        .contains("Tool 1.2");
    assertThat(Tool.firstLine("sh", "-c", "echo no; exit 1")).isEmpty();
    assertThat(Tool.firstLine(directory.resolve("absent").toString())).isEmpty();
  }

  @Test
  void reportsAMissingToolByWhatItsAbsenceMeans() {
    List<String> absent = List.of(directory.resolve("absent").toString());

    CheckResult optional = new ToolCheck("docker", absent, Status.OK, "for images", null).run();
    CheckResult needed = new ToolCheck("npm", absent, Status.FAIL, "for x", "install it").run();

    assertThat(optional).isEqualTo(CheckResult.ok("docker", "not there; for images"));
    assertThat(needed).isEqualTo(CheckResult.fail("npm", "not there; for x", "install it"));
  }

  @Test
  void findsNoBackendInAFolderWithoutOne() throws IOException {
    Files.writeString(directory.resolve("libggml-cpu-fake.so"), "no library");

    assertThat(CpuBackends.best(directory)).isEmpty();
    assertThat(CpuBackends.best(directory.resolve("absent"))).isEmpty();
  }
}

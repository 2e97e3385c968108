package ai.falaj.benchmarks.simulation.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.benchmarks.simulation.LoadSweep;
import ai.falaj.benchmarks.simulation.SweepReport;
import ai.falaj.benchmarks.simulation.SweepSettings;
import ai.falaj.benchmarks.simulation.cost.ProfileFiles;
import ai.falaj.benchmarks.simulation.policy.Policy;
import ai.falaj.benchmarks.simulation.trace.SyntheticWorkload;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepPlotsTest {

  @TempDir private Path folder;

  @Test
  void drawsTheSameVectorsEachTime() throws Exception {
    SweepReport report = report(TenantMix.ONE);

    SweepPlots.write(report, folder.resolve("first.svg"));
    SweepPlots.write(report, folder.resolve("second.svg"));

    assertThat(Files.readString(folder.resolve("first.svg")))
        .contains("<svg")
        .isEqualTo(Files.readString(folder.resolve("second.svg")));
  }

  @Test
  void drawsTenantsInPixels() throws Exception {
    TenantMix tenants =
        new TenantMix(
            List.of(new TenantMix.Tenant("a", 1, null), new TenantMix.Tenant("b", 1, null)));

    SweepPlots.write(report(tenants), folder.resolve("plot.png"));

    assertThat(ImageIO.read(folder.resolve("plot.png").toFile()).getWidth())
        .isEqualTo(4 * PanelSheet.PANEL_WIDTH);
  }

  @Test
  void refusesAnotherFormat() {
    assertThatThrownBy(() -> SweepPlots.write(report(TenantMix.ONE), folder.resolve("plot.gif")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".svg");
  }

  private static SweepReport report(TenantMix tenants) throws Exception {
    SweepSettings settings =
        new SweepSettings(
            "title", List.of(Policy.parse("chunked=512")), List.of(0.5, 1.0), tenants, 1);
    return new LoadSweep(
            settings,
            ProfileFiles.read("k2-think-32b-h100"),
            SyntheticWorkload.CODE.generate(30, 1))
        .run(done -> {});
  }
}

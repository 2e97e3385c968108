package ai.falaj.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cluster.ClusterOptions.Scheduler;
import ai.falaj.jobs.cluster.ClusterOptions.TaskManagerSize;
import ai.falaj.jobs.stack.StackException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkConfigurationTest {

  @TempDir Path directory;

  @Test
  void isReadByFlinkAsItWasMeant() throws Exception {
    Configuration meant = configuration(options());
    meant.setString("some.text", "it's: # 'quoted'");
    Files.writeString(directory.resolve("config.yaml"), FlinkConfiguration.yaml(meant));

    Configuration read = GlobalConfiguration.loadConfiguration(directory.toString());

    assertThat(read.toMap()).containsAllEntriesOf(meant.toMap());
    assertThat(read.get(RestOptions.PORT)).isEqualTo(8_081);
    assertThat(read.get(HighAvailabilityOptions.HA_ZOOKEEPER_QUORUM)).isEqualTo("127.0.0.1:2181");
    assertThat(read.get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT)).hasSeconds(8);
  }

  /** Flink's scripts are not there to derive what is missing. */
  @Test
  void tellsATaskManagerAllItsMemory() {
    ClusterOptions options = options().withTaskManagers(2, new TaskManagerSize(100, 50, List.of()));

    Configuration flink = configuration(options);

    assertThat(flink.get(TaskManagerOptions.TASK_HEAP_MEMORY).getMebiBytes()).isEqualTo(100);
    assertThat(flink.get(TaskManagerOptions.TASK_OFF_HEAP_MEMORY).getMebiBytes()).isEqualTo(50);
    assertThat(flink.get(TaskManagerOptions.NETWORK_MEMORY_MIN))
        .isEqualTo(flink.get(TaskManagerOptions.NETWORK_MEMORY_MAX));
  }

  @Test
  void rescalesOnlyWithTheAdaptiveScheduler() {
    assertThat(configuration(options()).contains(JobManagerOptions.SCHEDULER)).isFalse();
    assertThat(
            configuration(options().withScheduler(Scheduler.ADAPTIVE))
                .get(JobManagerOptions.SCHEDULER))
        .isEqualTo(JobManagerOptions.SchedulerType.Adaptive);
  }

  @Test
  void letsTheCallersSettingsWin() {
    Configuration wish = new Configuration();
    wish.set(TaskManagerOptions.NUM_TASK_SLOTS, 3);

    assertThat(configuration(options().withFlink(wish)).get(TaskManagerOptions.NUM_TASK_SLOTS))
        .isEqualTo(3);
  }

  @Test
  void refusesAClusterWithoutTaskManagers() {
    assertThatThrownBy(() -> options().withTaskManagers(0, TaskManagerSize.SMALL))
        .isInstanceOf(StackException.class)
        .hasMessage("TaskManagers are 0; start 1 to 16");
  }

  private ClusterOptions options() {
    return ClusterOptions.in(directory, directory, directory);
  }

  private Configuration configuration(ClusterOptions options) {
    return FlinkConfiguration.of(options, directory, 8_081, 2_181);
  }
}

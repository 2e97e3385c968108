package ai.falaj.jobs.cli.doctor;

import ai.falaj.jobs.stack.PortOwner;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.jobs.stack.StackPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the local stack's ports are free, or taken by the local stack itself. */
final class PortsCheck implements Check {

  private static final String NAME = "ports";

  private final StackPorts ports;
  private final Optional<StackDescription> running;

  PortsCheck(StackPorts ports, Optional<StackDescription> running) {
    this.ports = ports;
    this.running = running;
  }

  @Override
  public CheckResult run() {
    if (running.isPresent()) {
      return CheckResult.ok(
          NAME,
          "a local stack runs (pid "
              + running.get().pid()
              + "): "
              + running.get().bootstrapServers()
              + ", "
              + running.get().flinkUrl());
    }
    List<String> taken = new ArrayList<>();
    for (int port : List.of(ports.kafka(), ports.registry(), ports.flink())) {
      if (!Ports.isFree(port)) {
        taken.add(port + owner(port));
      }
    }
    if (!taken.isEmpty()) {
      return CheckResult.warn(
          NAME,
          "taken: " + String.join(", ", taken),
          "start the stack with --port-offset 10, or with --kafka-port, --registry-port, --flink-port");
    }
    return CheckResult.ok(
        NAME, ports.kafka() + ", " + ports.registry() + " and " + ports.flink() + " are free");
  }

  private static String owner(int port) {
    return PortOwner.pidOf(port).stream()
        .mapToObj(pid -> " (pid " + pid + ")")
        .findFirst()
        .orElse("");
  }
}

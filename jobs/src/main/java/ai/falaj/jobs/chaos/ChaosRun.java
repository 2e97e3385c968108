package ai.falaj.jobs.chaos;

import ai.falaj.jobs.chaos.ChaosEvent.Kill;
import ai.falaj.jobs.chaos.ChaosEvent.Pause;
import ai.falaj.jobs.chaos.ChaosEvent.Rescale;
import ai.falaj.jobs.chaos.ChaosEvent.Victim;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.cluster.ServerProcess;
import ai.falaj.jobs.stack.LocalKafka;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.jobs.submit.FlinkRestException;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run on a cluster that is up: the job, the load, the events one after the other, the drain,
 * and the ledger. Confined to the thread that calls {@link #run}, but for its watches and its load,
 * which have threads of their own and end with it.
 */
final class ChaosRun {

  /** How far a run is; called several times a second, but not while an event goes on. */
  interface Progress {
    void loading(Duration elapsed, Duration planned);

    void draining(int answered, int sent);
  }

  private static final Logger LOG = LoggerFactory.getLogger(ChaosRun.class);

  /** Loading a real model from a slow disk takes minutes. */
  private static final Duration READY_LIMIT = Duration.ofMinutes(5);

  private static final Duration RESCALE_LIMIT = Duration.ofMinutes(1);

  /** After the last result was seen, for duplicates that a late transaction would bring. */
  private static final int CHECKPOINTS_AFTER_DRAIN = 2;

  private static final long TICK_MS = 200;

  private final ProcessCluster cluster;
  private final ChaosSettings settings;
  private final ChaosSchedule schedule;
  private final Configuration job;
  private final Progress progress;
  private final FlinkRestClient rest;
  private final List<Done> done = new ArrayList<>();
  private String jobId;
  private long startNanos;

  /** An event that took place. */
  private record Done(ChaosEvent event, Duration at) {}

  /**
   * @param job what {@link ChaosJob#options} said
   */
  ChaosRun(
      ProcessCluster cluster,
      ChaosSettings settings,
      ChaosSchedule schedule,
      Configuration job,
      Progress progress) {
    this.cluster = cluster;
    this.settings = settings;
    this.schedule = schedule;
    this.job = job;
    this.progress = progress;
    this.rest = new FlinkRestClient(cluster.flink().url());
  }

  /**
   * Runs it.
   *
   * @throws StackException when a part does not come up again or the job ends
   */
  ChaosReport run() throws InterruptedException {
    jobId = ChaosJob.submit(cluster, settings, job);
    awaitRunning();
    Connection connection =
        Connection.of(cluster.kafka().bootstrapServers(), cluster.registry().url());
    PromptMaker maker = new PromptMaker(settings.seed(), settings.isScripted());
    try (SchemaRegistry registry = new ConfluentSchemaRegistry(connection.registry());
        PromptLoad load = new PromptLoad(connection, registry, maker, settings.promptsPerSecond());
        AnswerWatch answers = new AnswerWatch(connection, registry);
        RecoveryWatch recovery = new RecoveryWatch(rest, jobId)) {
      startNanos = System.nanoTime();
      load.start();
      runEvents(load, recovery);
      load.finish();
      Duration loaded = elapsed();
      drain(load, answers);
      Duration drained = elapsed().minus(loaded);
      settle(recovery);
      LedgerBalance balance = read(load, connection, registry);
      return report(loaded, drained, recovery, balance);
    }
  }

  private void awaitRunning() throws InterruptedException {
    long deadlineNanos = System.nanoTime() + READY_LIMIT.toNanos();
    while (!rest.areAllTasksRunning(jobId)) {
      throwIfJobEnded();
      if (System.nanoTime() - deadlineNanos > 0) {
        throw StackException.failure(
            "the job was not ready within " + READY_LIMIT.toMinutes() + " minutes",
            "see the TaskManagers' logs",
            null);
      }
      Thread.sleep(TICK_MS);
    }
  }

  private void runEvents(PromptLoad load, RecoveryWatch recovery) throws InterruptedException {
    for (ChaosEvent event : schedule.events()) {
      sleepUntil(event.at(), load);
      LOG.info("{} {} {}", event.action(), event.target(), event.details());
      int number = done.size();
      done.add(new Done(event, elapsed()));
      if (event instanceof Rescale rescale) {
        long startMs = System.currentTimeMillis();
        carryOut(rescale);
        recovery.tookEffect(number, startMs);
      } else {
        recovery.begins(number);
        carryOut(event);
      }
      progress.loading(elapsed(), settings.load());
    }
    sleepUntil(settings.load(), load);
  }

  private void carryOut(ChaosEvent event) throws InterruptedException {
    if (event instanceof Kill kill) {
      carryOut(kill);
    } else if (event instanceof Pause pause) {
      carryOut(pause);
    }
  }

  /** Returns when the job runs with that parallelism; there may be no JobManager for a while. */
  private void carryOut(Rescale rescale) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + RESCALE_LIMIT.toNanos();
    boolean asked = false;
    while (true) {
      try {
        if (!asked) {
          rest.rescale(jobId, rescale.parallelism());
          asked = true;
        }
        if (rest.runningParallelism(jobId).orElse(0) == rescale.parallelism()) {
          return;
        }
      } catch (FlinkRestException e) {
        LOG.info("Rescaling waits for the JobManager: {}", e.getMessage());
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw StackException.failure(
            "the job did not get parallelism %d within %d s"
                .formatted(rescale.parallelism(), RESCALE_LIMIT.toSeconds()),
            "see the JobManager's logs",
            null);
      }
      Thread.sleep(TICK_MS);
    }
  }

  private void carryOut(Kill kill) throws InterruptedException {
    Optional<ServerProcess> flink = flinkProcess(kill.victim());
    if (flink.isPresent()) {
      flink.get().kill();
      Thread.sleep(kill.down().toMillis());
      flink.get().start();
    } else {
      LocalKafka broker = cluster.kafka();
      broker.kill();
      Thread.sleep(kill.down().toMillis());
      broker.restart();
    }
  }

  private void carryOut(Pause pause) throws InterruptedException {
    Optional<ServerProcess> flink = flinkProcess(pause.victim());
    if (flink.isPresent()) {
      flink.get().pauseFor(pause.length());
    } else {
      cluster.kafka().pauseFor(pause.length());
    }
  }

  private Optional<ServerProcess> flinkProcess(Victim victim) {
    return switch (victim.target()) {
      case TASK_MANAGER -> Optional.of(cluster.flink().taskManagers().get(victim.index()));
      case JOB_MANAGER -> Optional.of(cluster.flink().jobManager());
      case BROKER -> Optional.empty();
    };
  }

  private void sleepUntil(Duration at, PromptLoad load) throws InterruptedException {
    Duration left = at.minus(elapsed());
    while (!left.isNegative() && !left.isZero()) {
      Thread.sleep(Math.min(TICK_MS, left.toMillis() + 1));
      load.throwIfFailed();
      progress.loading(elapsed(), settings.load());
      left = at.minus(elapsed());
    }
  }

  /** Until every acknowledged prompt has a result, the time is up, or the job is over. */
  private void drain(PromptLoad load, AnswerWatch answers) throws InterruptedException {
    Set<String> missing = new HashSet<>(load.acknowledged());
    int sent = missing.size();
    long deadlineNanos = System.nanoTime() + settings.drain().toNanos();
    while (true) {
      missing.removeAll(answers.answered());
      progress.draining(sent - missing.size(), sent);
      if (missing.isEmpty()) {
        return;
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        LOG.warn("{} prompts without a result at the end of the drain", missing.size());
        return;
      }
      throwIfJobEnded();
      Thread.sleep(TICK_MS);
    }
  }

  private void throwIfJobEnded() throws InterruptedException {
    String state;
    try {
      state = rest.jobState(jobId);
    } catch (FlinkRestException e) {
      return; // the JobManager comes back, or the drain has its bound
    }
    if (state.equals("FAILED") || state.equals("CANCELED") || state.equals("FINISHED")) {
      throw StackException.failure("the job is " + state, "see the JobManager's logs", null);
    }
  }

  private void settle(RecoveryWatch recovery) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + settings.drain().toNanos();
    for (int checkpoint = 0; checkpoint < CHECKPOINTS_AFTER_DRAIN; checkpoint++) {
      long triggeredMs = System.currentTimeMillis();
      while (recovery.lastTriggeredMs() < triggeredMs && System.nanoTime() < deadlineNanos) {
        Thread.sleep(TICK_MS);
      }
    }
  }

  private static LedgerBalance read(
      PromptLoad load, Connection connection, SchemaRegistry registry) {
    Ledger ledger = new Ledger();
    load.sent().forEach(ledger::expect);
    load.acknowledged().forEach(ledger::acknowledged);
    LedgerReading.readInto(ledger, connection, registry);
    return ledger.balance();
  }

  private ChaosReport report(
      Duration loaded, Duration drained, RecoveryWatch recovery, LedgerBalance balance) {
    List<ChaosReport.Event> events = new ArrayList<>();
    for (int index = 0; index < done.size(); index++) {
      ChaosEvent event = done.get(index).event();
      events.add(
          new ChaosReport.Event(
              seconds(done.get(index).at()),
              event.action(),
              event.target(),
              event.details(),
              recovery.recoveryOf(index).map(ChaosRun::seconds).orElse(null)));
    }
    return new ChaosReport(
        settings.seed(),
        settings.model().orElse("scripted"),
        settings.taskManagers(),
        settings.promptsPerSecond(),
        seconds(loaded),
        seconds(drained),
        events,
        cluster.flink().unexpectedEnds(),
        balance,
        balance.isRight());
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private static double seconds(Duration duration) {
    return Math.round(duration.toMillis() / 100.0) / 10.0;
  }
}

package ai.falaj.jobs.simulate;

import ai.falaj.benchmarks.simulation.SweepSettings;
import ai.falaj.benchmarks.simulation.policy.Policy;
import ai.falaj.benchmarks.simulation.trace.AzureTraceReader;
import ai.falaj.benchmarks.simulation.trace.SyntheticWorkload;
import ai.falaj.benchmarks.simulation.trace.TenantMix;
import ai.falaj.benchmarks.simulation.trace.Trace;
import ai.falaj.benchmarks.simulation.trace.TraceFormatException;
import ai.falaj.jobs.cli.CliException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The load of a simulation: which requests, how many, from whom, and what is compared. */
final class LoadOptions {

  private static final int MAX_REQUESTS = 1_000_000;

  @Option(
      names = "--trace",
      paramLabel = "WORKLOAD|FILE",
      defaultValue = "conversation",
      description =
          "Arrivals and lengths: conversation or code, which are generated, or a file of Azure's LLM"
              + " traces (default: ${DEFAULT-VALUE}).")
  private String trace;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "4000",
      description = "The trace's first requests to take (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Option(
      names = "--load",
      paramLabel = "SHARE",
      split = ",",
      defaultValue = "0.2,0.4,0.6,0.7,0.8,0.9,1.0,1.1",
      description = "Loads, as shares of what saturates the engine (default: ${DEFAULT-VALUE}).")
  private List<Double> loads;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      split = ",",
      defaultValue = "adaptive,chunked=512,whole-prompts,static",
      description =
          "What decides: adaptive[=STRETCH[/TOKENS]], chunked=TOKENS, whole-prompts, static,"
              + " one-queue (default: ${DEFAULT-VALUE}).")
  private List<String> policies;

  @Option(
      names = "--tenant",
      paramLabel = "NAME:WEIGHT[:LOAD]",
      description =
          "A tenant with its weight and, if not a part of the rest, the load it offers; repeat it"
              + " (default: no tenants).")
  private List<String> tenants = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of everything that is drawn (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      description = "Of the report and its plots (default: profile and trace).")
  private String title;

  Trace trace() {
    if (requests < 2 || requests > MAX_REQUESTS) {
      throw CliException.usage(
          "--requests is " + requests, "give a number from 2 to " + MAX_REQUESTS);
    }
    Optional<SyntheticWorkload> workload = SyntheticWorkload.named(trace);
    if (workload.isPresent()) {
      return workload.get().generate(requests, seed);
    }
    try {
      return AzureTraceReader.read(Path.of(trace)).first(requests);
    } catch (TraceFormatException e) {
      throw CliException.usage(e);
    }
  }

  SweepSettings settings(String profile, Trace loaded) {
    try {
      return new SweepSettings(
          title == null ? profile + ", " + loaded.name() : title,
          policies.stream().map(Policy::parse).toList(),
          loads,
          tenantMix(),
          seed);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "see: falaj simulate --help", e);
    }
  }

  private TenantMix tenantMix() {
    if (tenants.isEmpty()) {
      return TenantMix.ONE;
    }
    List<TenantMix.Tenant> parsed = new ArrayList<>();
    for (String tenant : tenants) {
      String[] parts = tenant.split(":", -1);
      if (parts.length < 2 || parts.length > 3) {
        throw new IllegalArgumentException(
            "--tenant is '" + tenant + "'; it looks like flood:1 or quiet:1:0.1");
      }
      parsed.add(
          new TenantMix.Tenant(
              parts[0],
              number(tenant, parts[1]),
              parts.length == 3 ? number(tenant, parts[2]) : null));
    }
    return new TenantMix(parsed);
  }

  private static double number(String tenant, String digits) {
    try {
      return Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--tenant is '%s', but '%s' is no number".formatted(tenant, digits), e);
    }
  }
}

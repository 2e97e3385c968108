package ai.falaj.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.cli.FalajCommand;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Dependencies point one way: jobs, benchmarks, operators, model-runtime; schemas below operators.
 */
class DependencyDirectionTest {

  private static final String JOBS = "ai.falaj.jobs..";
  private static final String BENCHMARKS = "ai.falaj.benchmarks..";
  private static final String OPERATORS = "ai.falaj.operators..";
  private static final String RUNTIME = "ai.falaj.runtime..";
  private static final String SCHEMAS = "ai.falaj.schemas..";

  private static JavaClasses classes;

  @BeforeAll
  static void importClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("ai.falaj");
  }

  @Test
  void seesAllModules() {
    assertThat(List.of("jobs", "operators", "runtime", "schemas"))
        .allMatch(module -> classes.containPackage("ai.falaj." + module));
  }

  @Test
  void runtimeKnowsNoOtherModuleAndNeitherFlinkNorKafkaNorAvro() {
    forbid(
        RUNTIME,
        JOBS,
        BENCHMARKS,
        OPERATORS,
        SCHEMAS,
        "org.apache.flink..",
        "org.apache.kafka..",
        "org.apache.avro..");
  }

  @Test
  void schemasKnowNoOtherModule() {
    forbid(SCHEMAS, JOBS, BENCHMARKS, OPERATORS, RUNTIME);
  }

  @Test
  void operatorsKnowNoJobsAndNoBenchmarks() {
    forbid(OPERATORS, JOBS, BENCHMARKS);
  }

  @Test
  void benchmarksKnowNoJobs() {
    forbid(BENCHMARKS, JOBS);
  }

  /**
   * What runs in the child processes stands beside foreign class paths: the JDK and nothing else.
   */
  @Test
  void childProcessesUseOnlyTheJdk() {
    ArchRule rule =
        ArchRuleDefinition.classes()
            .that()
            .resideInAPackage("ai.falaj.jobs.stack.child")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "ai.falaj.jobs.stack.child");
    rule.check(classes);
  }

  /** The jobs run on clusters, where neither the command line nor the local stack is. */
  @Test
  void jobsKnowNeitherCommandLineNorLocalStack() {
    forbid("ai.falaj.jobs.completion..", "ai.falaj.jobs.cli..", "ai.falaj.jobs.stack..");
  }

  /** See {@link ai.falaj.jobs.cli.FalajCommand}: it would slow every start down. */
  @Test
  void commandsHoldNoLogger() {
    noFields()
        .that()
        .areDeclaredInClassesThat()
        .areAssignableTo(FalajCommand.class)
        .should()
        .haveRawType("org.slf4j.Logger")
        .check(classes);
  }

  private static void forbid(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .allowEmptyShould(true)
        .check(classes);
  }
}

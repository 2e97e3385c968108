package ai.falaj.runtime.llamacpp;

import static ai.falaj.runtime.llamacpp.EngineFixture.request;

import ai.falaj.runtime.llamacpp.crash.AbortWatch;
import ai.falaj.runtime.llamacpp.crash.CrashJournal;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;

/** A JVM of its own that dies in the middle of a step that computes two requests of three. */
public final class AbortingProcess {

  /** How it dies. */
  public enum Death {
    /** By ggml's own abort, in the thread that decodes. */
    ABORT,
    /** By ggml's own abort, in one of the threads that compute. */
    ABORT_IN_WORKER,
    /** It waits to be killed. */
    KILLED
  }

  /** Said on standard output in the middle of the step. */
  public static final String IN_STEP = "in step";

  private static final int DEADLY_STEP = 5;

  private AbortingProcess() {}

  public static void main(String[] args) throws Exception {
    Death death = Death.valueOf(args[1]);
    LlamaFixture.backend();
    EngineFixture engine = EngineFixture.ofSlots(2);
    CrashJournal journal = new CrashJournal(Path.of(args[0]), System::currentTimeMillis);
    AbortWatch watch = AbortWatch.start(engine.step, journal);
    try {
      for (int number = 0; number < 3; number++) {
        engine.submit(request(number, 10, 50).ignoreEndOfSequence());
      }
      engine.executor.failWhen(
          plan -> {
            if (engine.executor.steps() == DEADLY_STEP) {
              die(death);
            }
            return false;
          });
      engine.runUntilEmpty();
    } finally {
      watch.close();
    }
  }

  private static void die(Death death) {
    System.out.println(IN_STEP);
    System.out.flush();
    try {
      switch (death) {
        case ABORT -> abort();
        case ABORT_IN_WORKER -> {
          Thread worker = new Thread(AbortingProcess::abort);
          worker.start();
          worker.join();
        }
        case KILLED -> Thread.sleep(60_000);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void abort() {
    try {
      LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
      NativeLibrary.getInstance(libraries.ggmlLibrary().toString())
          .getFunction("ggml_abort")
          .invokeVoid(new Object[] {"AbortingProcess.java", 1, "a failed assertion"});
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}

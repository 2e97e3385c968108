package ai.falaj.jobs.stack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another JVM with this one's class path, for what only a second process can show. */
public final class TestJvm {

  private final Process process;
  private final BufferedReader output;

  private TestJvm(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static TestJvm start(Class<?> main, List<String> args) throws IOException {
    return start(main, List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"), Map.of(), args);
  }

  /** With options of the JVM and additions to the environment. */
  public static TestJvm start(
      Class<?> main, List<String> jvmOptions, Map<String, String> environment, List<String> args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(args);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return new TestJvm(builder.start());
  }

  /** The next line of its standard output; null at the end. */
  public String readLine() throws IOException {
    return output.readLine();
  }

  public long pid() {
    return process.pid();
  }

  /** As {@code kill -9} does; returns when the process is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** As Ctrl-C does: shutdown hooks run. Returns when the process is gone. */
  public void terminate() throws InterruptedException {
    process.toHandle().destroy(); // as a handle: the process would close its output too
    process.waitFor();
  }

  /** Its children, as long as it lives. */
  public List<ProcessHandle> children() {
    return process.children().toList();
  }
}

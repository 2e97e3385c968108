package ai.falaj.runtime.progress;

import java.util.OptionalLong;

/**
 * Hears how a download or an installation proceeds, on the thread that does it. Implementations
 * return soon and throw nothing.
 *
 * <p>The order of calls is {@code (note | started progressed* finished?)*}; where {@code finished}
 * is missing, the work was given up and an exception or a note says why.
 */
public interface ProgressListener {

  /** Hears nothing. */
  ProgressListener NONE =
      new ProgressListener() {
        @Override
        public void started(String what, OptionalLong totalBytes) {}

        @Override
        public void progressed(long bytes) {}

        @Override
        public void finished() {}

        @Override
        public void note(String text) {}
      };

  /**
   * Work begins.
   *
   * @param what a few words for a person, such as a file's name
   * @param totalBytes absent where it is not known
   */
  void started(String what, OptionalLong totalBytes);

  /**
   * More of the work is done; called at most a few times for each megabyte.
   *
   * @param bytes done so far, those of an earlier attempt that was resumed included
   */
  void progressed(long bytes);

  /** The work that was started last is done. */
  void finished();

  /** One line for a person. */
  void note(String text);
}

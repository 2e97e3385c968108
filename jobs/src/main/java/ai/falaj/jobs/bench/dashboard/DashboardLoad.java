package ai.falaj.jobs.bench.dashboard;

/**
 * Generations that stream, and the pages that look at them.
 *
 * @param pages that are open at once, each of which shows all generations
 * @param chunksPerSecond of all generations together
 * @param generations at once; the next begins when one has ended
 * @param chunks of a generation
 * @param warmUpSeconds before the first chunk that counts
 * @param seconds that count, of a round
 * @param rounds one after the other, before the same dashboard
 */
record DashboardLoad(
    int pages,
    int chunksPerSecond,
    int generations,
    int chunks,
    int warmUpSeconds,
    int seconds,
    int rounds) {

  private static final int MOST_PAGES = 64;

  DashboardLoad {
    if (pages < 1 || pages > MOST_PAGES) {
      throw new IllegalArgumentException(
          "pages are %d; a dashboard takes 1 to %d".formatted(pages, MOST_PAGES));
    }
    if (chunksPerSecond < 1 || generations < 1 || chunks < 1) {
      throw new IllegalArgumentException(
          "chunks per second are %d, generations %d and chunks of each %d; they must be 1 or more"
              .formatted(chunksPerSecond, generations, chunks));
    }
    if (warmUpSeconds < 0 || seconds < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "seconds of warm-up are %d, seconds %d and rounds %d; they must be 0, 1 and 1 or more"
              .formatted(warmUpSeconds, seconds, rounds));
    }
  }
}

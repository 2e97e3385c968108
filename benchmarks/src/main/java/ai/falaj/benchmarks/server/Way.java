package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.load.LoadTarget;

/**
 * One of the engines of a comparison.
 *
 * @param name in reports
 * @param maxRequests of each round's load that it runs: less for a way that takes long
 */
record Way(String name, LoadTarget target, int maxRequests) {

  Way(String name, LoadTarget target) {
    this(name, target, Integer.MAX_VALUE);
  }
}

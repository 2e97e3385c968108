package ai.falaj.benchmarks.soak;

import java.util.List;

/**
 * The straight line through measurements by least squares.
 *
 * @param growth of the line from the first measurement to the last
 * @param scatter standard deviation of the measurements from the line
 */
record Trend(double growth, double scatter) {

  /** One measurement. */
  record Point(double x, double y) {}

  /**
   * @param points three or more, in order of {@code x}
   */
  static Trend of(List<Point> points) {
    if (points.size() < 3) {
      throw new IllegalArgumentException(
          points.size() + " measurements make no trend; take 3 or more");
    }
    double meanX = points.stream().mapToDouble(Point::x).average().orElseThrow();
    double meanY = points.stream().mapToDouble(Point::y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    for (Point point : points) {
      xy += (point.x() - meanX) * (point.y() - meanY);
      xx += (point.x() - meanX) * (point.x() - meanX);
    }
    double slope = xx == 0 ? 0 : xy / xx;
    double squares = 0;
    for (Point point : points) {
      double off = point.y() - meanY - slope * (point.x() - meanX);
      squares += off * off;
    }
    double span = points.get(points.size() - 1).x() - points.get(0).x();
    return new Trend(slope * span, Math.sqrt(squares / (points.size() - 2)));
  }

  /** Whether it grew by more than a tolerance and by more than chance explains. */
  boolean grewBeyond(double tolerance) {
    return growth > tolerance && growth > 2 * scatter;
  }
}

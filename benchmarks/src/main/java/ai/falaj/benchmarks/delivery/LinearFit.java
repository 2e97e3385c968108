package ai.falaj.benchmarks.delivery;

import java.util.List;

/**
 * The straight line through points by least squares.
 *
 * @param intercept at x = 0
 * @param slope per unit of x
 * @param worstError largest distance of a point from the line
 */
public record LinearFit(double intercept, double slope, double worstError) {

  /** One measurement. */
  public record Point(double x, double y) {}

  /**
   * @throws IllegalArgumentException where the points have not two values of x
   */
  public static LinearFit of(List<Point> points) {
    double meanX = points.stream().mapToDouble(Point::x).average().orElse(0);
    double meanY = points.stream().mapToDouble(Point::y).average().orElse(0);
    double xy = 0;
    double xx = 0;
    for (Point point : points) {
      xy += (point.x() - meanX) * (point.y() - meanY);
      xx += (point.x() - meanX) * (point.x() - meanX);
    }
    if (xx == 0) {
      throw new IllegalArgumentException(
          points.size() + " points of one x make no line; measure longer");
    }
    double slope = xy / xx;
    double intercept = meanY - slope * meanX;
    double worst = 0;
    for (Point point : points) {
      worst = Math.max(worst, Math.abs(point.y() - intercept - slope * point.x()));
    }
    return new LinearFit(intercept, slope, worst);
  }
}

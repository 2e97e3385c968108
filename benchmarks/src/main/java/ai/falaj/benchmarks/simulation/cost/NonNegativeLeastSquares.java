package ai.falaj.benchmarks.simulation.cost;

import java.util.List;

/**
 * Least squares with coefficients that are not negative, by coordinate descent on the normal
 * equations (Franc, Hlavac and Navara, CAIP 2005): each coefficient in turn takes its best value,
 * or zero. The problem is convex, so that ends at the minimum.
 */
final class NonNegativeLeastSquares {

  private static final int MAX_SWEEPS = 200_000;
  private static final double TOLERANCE = 1e-12;

  private NonNegativeLeastSquares() {}

  /**
   * @param rows one per observation, all of one length
   * @param targets one per row
   * @return the coefficients; zero for a column of zeros
   */
  static double[] solve(List<double[]> rows, double[] targets) {
    int columns = rows.get(0).length;
    double[] scale = columnNorms(rows, columns);
    double[][] normal = new double[columns][columns];
    double[] gradient = new double[columns];
    for (int row = 0; row < rows.size(); row++) {
      double[] values = rows.get(row);
      for (int left = 0; left < columns; left++) {
        gradient[left] -= values[left] / scale[left] * targets[row];
        for (int right = 0; right < columns; right++) {
          normal[left][right] += values[left] / scale[left] * values[right] / scale[right];
        }
      }
    }
    double[] solution = descend(normal, gradient);
    for (int column = 0; column < columns; column++) {
      solution[column] /= scale[column];
    }
    return solution;
  }

  /** Columns of one length descend evenly; one of zeros stays out of the way. */
  private static double[] columnNorms(List<double[]> rows, int columns) {
    double[] norms = new double[columns];
    for (int column = 0; column < columns; column++) {
      double squares = 0;
      for (double[] row : rows) {
        squares += row[column] * row[column];
      }
      norms[column] = squares == 0 ? 1 : Math.sqrt(squares);
    }
    return norms;
  }

  private static double[] descend(double[][] normal, double[] gradient) {
    double[] solution = new double[gradient.length];
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      double largestChange = 0;
      double largestValue = 0;
      for (int column = 0; column < solution.length; column++) {
        if (normal[column][column] == 0) {
          continue;
        }
        double best = solution[column] - gradient[column] / normal[column][column];
        double change = Math.max(0, best) - solution[column];
        solution[column] += change;
        for (int other = 0; other < solution.length; other++) {
          gradient[other] += change * normal[other][column];
        }
        largestChange = Math.max(largestChange, Math.abs(change));
        largestValue = Math.max(largestValue, solution[column]);
      }
      if (largestChange <= TOLERANCE * largestValue) {
        break;
      }
    }
    return solution;
  }
}

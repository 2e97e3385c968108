/**
 * Runs a fetch again and again while the page is looked at.
 *
 * @param {() => void} run
 * @param {number} intervalMs
 * @returns {() => void} ends it
 */
export function whileVisible(run, intervalMs) {
  const timer = window.setInterval(() => {
    if (!document.hidden) {
      run();
    }
  }, intervalMs);
  return () => clearInterval(timer);
}

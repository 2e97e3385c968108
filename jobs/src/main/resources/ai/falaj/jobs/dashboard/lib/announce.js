/**
 * What a screen reader says without being asked: only what a person waits for (an answer is complete, the connection
 * is lost), never figures that change by themselves. The same within two seconds is said once.
 */

const QUIET_MS = 2_000;
let last = '';
let lastMs = -Infinity;

/** @param {string} message */
export function announce(message) {
  const now = performance.now();
  if (message === last && now - lastMs < QUIET_MS) {
    return;
  }
  last = message;
  lastMs = now;
  const region = document.getElementById('announcements');
  if (region) {
    region.textContent = message;
  }
}

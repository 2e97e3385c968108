/**
 * One paint per animation frame, however many events ask for it. Browsers give a hidden tab no frames, so what is
 * painted from here stops by itself while nobody looks and is painted once when someone does again.
 */

/**
 * @param {() => void} paint
 * @returns {{request: () => void, cancel: () => void}}
 */
export function perFrame(paint) {
  let pending = 0;
  return {
    request() {
      if (pending === 0) {
        pending = requestAnimationFrame(() => {
          pending = 0;
          paint();
        });
      }
    },
    cancel() {
      cancelAnimationFrame(pending);
      pending = 0;
    },
  };
}

/**
 * The same at most once per interval, for what is costly to paint and no more readable at 60 times a second.
 *
 * @param {() => void} paint
 * @param {number} intervalMs
 * @returns {{request: () => void, cancel: () => void}}
 */
export function perInterval(paint, intervalMs) {
  let timer = 0;
  let lastMs = -Infinity;
  const frame = perFrame(() => {
    lastMs = performance.now();
    paint();
  });
  return {
    request() {
      if (timer === 0) {
        const waitMs = Math.max(0, lastMs + intervalMs - performance.now());
        timer = window.setTimeout(() => {
          timer = 0;
          frame.request();
        }, waitMs);
      }
    },
    cancel() {
      clearTimeout(timer);
      timer = 0;
      frame.cancel();
    },
  };
}

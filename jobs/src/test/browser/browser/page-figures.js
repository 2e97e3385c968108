/** Reads the figures back that the page shows, as text, into numbers. */

const UNITS = {ms: 1, s: 1_000, min: 60_000, h: 3_600_000};
const MULTIPLES = {K: 1e3, M: 1e6, B: 1e9};

/**
 * A figure and how far off it may be because it was rounded to be read.
 *
 * @param {string} text such as 1,234, 21.5, 12.3K, 850 ms, 1.23 s, 4 min 05 s
 * @returns {{value: number, rounding: number}|null} null for one that is not known
 */
export function figure(text) {
  if (text === '–') {
    return null;
  }
  let value = 0;
  let rounding = 0;
  for (const [, digits, decimals = '', multiple, unit] of text.replaceAll(',', '').matchAll(/(\d+(\.\d+)?)([KMB])?\s*(ms|min|s|h)?/g)) {
    const scale = (MULTIPLES[multiple] ?? 1) * (UNITS[unit] ?? 1);
    value += Number(digits) * scale;
    rounding = (0.5 + 1e-6) * 10 ** -Math.max(0, decimals.length - 1) * scale;
  }
  return {value, rounding};
}

/**
 * The table behind a chart: rows by the clock time that they name.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} title
 * @returns {Promise<Map<string, string[]>>}
 */
export async function chartTable(page, title) {
  const chart = page.locator('.chart', {has: page.getByRole('heading', {name: title, exact: true})});
  if (!(await chart.locator('details').getAttribute('open') !== null)) {
    await chart.locator('summary').click();
  }
  await chart.locator('tbody tr').first().waitFor();
  return new Map(await rows(chart.locator('tbody')));
}

/**
 * Rows of a table body: the text of the row's head, then of its cells.
 *
 * @param {import('playwright-core').Locator} body
 * @returns {Promise<Array<[string, string[]]>>}
 */
export function rows(body) {
  return body.evaluate((element) => [...element.rows].map((row) => [
    row.querySelector('th')?.textContent ?? '',
    [...row.querySelectorAll('td')].map((cell) => cell.textContent),
  ]));
}

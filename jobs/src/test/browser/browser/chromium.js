import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Debian's Chromium, or the one that CHROMIUM names; without a sandbox, as tests run as root in containers. */
export function launch() {
  return chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS});
}

/**
 * A page whose console, dialogs and uncaught errors are listened to; `complaints` holds what was heard.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({viewport: {width: 1_360, height: 900}, timezoneId: 'UTC', ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.stack}`));
  page.on('dialog', async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!reason.includes('ERR_ABORTED')) {
      complaints.push(`${request.url()}: ${reason}`);
    }
  });
  return {context, page, complaints};
}

/**
 * Shows a view and waits until it has fetched.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} base
 * @param {string} view such as requests/r-1, as it stands in the address
 */
export async function show(page, base, view) {
  const fetched = page.waitForResponse((response) => /\/api\/(?!session|events)/.test(response.url()), {timeout: 5_000}).catch(() => null);
  await page.goto(`${base}#/${view}`);
  await page.locator('.pulse[data-state=live]').waitFor();
  await fetched;
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Holds a page to the rules of axe-core, all of WCAG 2.2 AA and its best practices.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name for the message
 */
export async function assertAccessible(page, name) {
  await page.evaluate(`${axe};0`);
  const violations = await page.evaluate(async () => {
    const {violations: found} = await window.axe.run();
    return found.map(({id, impact, nodes}) => `${id} (${impact}): ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  });
  assert.deepEqual(violations, [], `accessibility of ${name}`);
}

/**
 * Holds a page to its width: nothing sticks out to the side.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function assertFits(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0, `${name} is wider than the window by ${over} pixels`);
}

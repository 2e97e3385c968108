/** Each view against a live pipeline: what it shows, what it does, by keyboard, on a phone, in the dark. */
import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import test, {after, before} from 'node:test';
import {assertAccessible, assertFits, launch, open, show} from './chromium.js';
import {rows} from './page-figures.js';

const base = process.env.DASHBOARD_URL;
const screenshots = process.env.DASHBOARD_SCREENSHOTS;
const VIEWS = ['overview', 'running', 'requests', 'labels', 'dead-letters', 'tenants', 'model', 'playground'];
const ARABIC = 'الفلج قناة قديمة تحمل الماء من مصدر واحد إلى حقول كثيرة، ولكل حقل ساعته. ';
const HOSTILE = '<script>alert("script")</script><img src=x onerror=alert("image")>';
let browser;
let page;
let complaints;

before(async () => {
  mkdirSync(screenshots, {recursive: true});
  browser = await launch();
  ({page, complaints} = await open(browser));
});
after(() => browser.close());

/** Sends a prompt as the page does. */
async function prompt(text, more = {}) {
  const response = await page.request.post(`${base}api/prompts`, {data: {prompt: text, ...more}, headers: {Origin: new URL(base).origin}});
  assert.equal(response.status(), 200, await response.text());
  return (await response.json()).requestId;
}

async function completed(id) {
  for (let i = 0; i < 240; i++) {
    const response = await page.request.get(`${base}api/request?id=${encodeURIComponent(id)}`);
    if (response.ok() && (await response.json()).completion) {
      return;
    }
    await page.waitForTimeout(250);
  }
  assert.fail(`request ${id} has no completion`);
}

/** A text whose first word is Arabic begins at the right, whatever surrounds it. */
async function assertBeginsAtTheRight(text) {
  const [direction, distance] = await text.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const last = [...range.getClientRects()].at(-1);
    return [getComputedStyle(element).direction, Math.round(element.getBoundingClientRect().right - last.right)];
  });
  assert.equal(direction, 'rtl');
  assert.ok(distance < 4, `the last Arabic line begins ${distance} pixels from the right`);
}

function screenshot(name, shown = page) {
  return shown.screenshot({path: path.join(screenshots, `${name}.png`)});
}

test('overviewShowsChartsAndTaskManagers', async () => {
  await prompt(ARABIC.repeat(20), {tenant: 'acme', max_tokens: 400});
  await show(page, base, 'overview');
  const worker = page.locator('.worker').first();
  await worker.getByText('KV cache').first().waitFor();
  await worker.getByText('Batch', {exact: true}).first().waitFor();
  await page.locator('.chart canvas').first().waitFor();
  const drawn = await page.locator('.chart canvas').evaluateAll((canvases) => canvases.map((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0)));
  assert.deepEqual(drawn, [true, true, true, true]);
  assert.match(await page.locator('.chart-canvas').first().getAttribute('aria-label'), /^Tokens per second: streamed .+, completed .+$/);
});

test('runningStreamsTokenByTokenInTheDirectionOfTheText', async () => {
  const id = await prompt(ARABIC.repeat(12), {tenant: 'شركة المياه', max_tokens: 600});
  await prompt(`${HOSTILE} ${'and so on '.repeat(60)}`, {tenant: HOSTILE, max_tokens: 600});
  await show(page, base, 'running');
  const card = page.locator('.card', {hasText: id});
  const answer = card.locator('.stream').last();
  await answer.filter({hasText: 'الفلج'}).waitFor();
  const before = (await answer.textContent()).length;
  await page.waitForFunction(([key, length]) => document.querySelector(`[data-key="${key}"] > .stream`).textContent.length > length, [`0 ${id}`, before]);
  assert.equal(await card.locator('details').getAttribute('open'), null, 'reasoning is folded');
  assert.equal(await answer.locator('.foreign').evaluate((element) => getComputedStyle(element).unicodeBidi), 'plaintext');
  await page.locator('.card', {hasText: HOSTILE}).first().waitFor();
  await card.getByText('Reasoning').click();
  assert.notEqual(await card.locator('details').getAttribute('open'), null);
  await assertAccessible(page, 'running');
  await screenshot('running');
});

test('aRequestIsFoundByItsIdAndShowsItsWholeTrace', async () => {
  const id = await prompt(ARABIC, {tenant: 'acme', max_tokens: 60});
  await completed(id);
  await show(page, base, 'requests');
  await page.getByRole('searchbox').fill(id.slice(-9).toUpperCase());
  await page.getByRole('link', {name: id}).click();
  await page.getByRole('heading', {name: `Request ${id}`}).waitFor();
  const timeline = new Map(await rows(page.locator('.waterfall tbody')));
  for (const phase of ['transport', 'queue', 'prefill', 'decode', 'attempt 1']) {
    assert.ok(timeline.has(phase), `${phase} is in ${[...timeline.keys()]}`);
  }
  await page.getByText(`You said: ${ARABIC.trim()}`, {exact: false}).first().waitFor();
  await assertBeginsAtTheRight(page.locator('.turn .prose').last());
  await page.getByText('scripted', {exact: false}).or(page.getByText('fake', {exact: false})).first().waitFor();
  await assertAccessible(page, 'a request');
  await screenshot('request');
});

test('aMegabyteIsShownFromItsBeginningAndWholeOnDemand', async () => {
  await show(page, base, `requests/${encodeURIComponent(process.env.DASHBOARD_LARGE_REQUEST)}`);
  const button = page.getByRole('button', {name: /^Show all 1,0\d\d,\d{3} characters$/});
  await button.waitFor();
  assert.ok((await page.locator('main').textContent()).length < 20_000);
  await button.click();
  await button.waitFor({state: 'detached'});
  assert.ok((await page.locator('.prose').last().textContent()).length > 1_000_000);
});

test('scriptInATextAndInANameIsText', async () => {
  const id = await prompt(HOSTILE, {tenant: HOSTILE});
  await completed(id);
  for (const view of [`requests/${id}`, 'requests', 'tenants', 'running']) {
    await show(page, base, view);
    await page.waitForTimeout(300);
  }
  assert.deepEqual(complaints, []);
  assert.equal(await page.locator('img, script:not([src="main.js"])').count(), 0);
});

test('labelsShowTrendsAndBursts', async () => {
  await show(page, base, 'labels');
  await page.getByRole('heading', {name: 'Latest window'}).waitFor();
  await page.getByRole('region', {name: 'Bursts'}).getByRole('rowheader', {name: 'تسرب'}).first().waitFor();
  await screenshot('labels');
});

test('aDeadLetterIsSentAgainOnce', async () => {
  const id = await prompt('too long '.repeat(6_000));
  await show(page, base, 'dead-letters/PROMPT_TOO_LONG');
  const row = page.getByRole('row', {name: id});
  await row.first().waitFor({timeout: 60_000});
  assert.equal(await row.count(), 1);
  for (let i = 0; i < 30 && !(await row.last().textContent()).includes('retried'); i++) {
    await row.last().getByRole('button', {name: `Retry ${id}`}).click();
    await row.last().getByText(/retried|undecided|checkpoint/).waitFor(); // until the job's next checkpoint it may be undecided
  }
  await row.nth(1).waitFor({timeout: 60_000}); // it is as long as before, so there is a new letter, above
  assert.match(await row.last().textContent(), /retried/);
  await screenshot('dead-letters');
  complaints.splice(0, complaints.length, ...complaints.filter((complaint) => !complaint.includes('409')));
});

test('tenantsShowWhoseBudgetRunsOut', async () => {
  await show(page, base, 'tenants');
  await page.getByRole('region', {name: 'Budgets'}).getByRole('row', {name: /acme tokens 80%/}).waitFor();
  await page.getByRole('rowheader', {name: HOSTILE}).waitFor();
  await screenshot('tenants');
});

test('modelShowsWhatAnswered', async () => {
  await show(page, base, 'model');
  await page.getByRole('heading', {name: process.env.DASHBOARD_MODEL}).waitFor();
});

test('aPromptFromThePageIsAnsweredThere', async () => {
  await show(page, base, 'playground');
  await page.getByLabel('Prompt', {exact: true}).fill(ARABIC);
  await page.getByLabel('System prompt').fill('Answer briefly.');
  await page.getByLabel('Most tokens').fill('80');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Complete.', {exact: true}).waitFor({timeout: 60_000});
  await page.locator('.answer-text', {hasText: 'You said:'}).waitFor();
  assert.equal(await page.locator('#announcements').textContent(), 'The answer is complete.');
  await screenshot('playground');
});

test('aSchemaThatIsNoJsonIsToldAndAGoodOneIsSent', async () => {
  await show(page, base, 'playground');
  await page.getByLabel('Prompt', {exact: true}).fill('Which category?');
  await page.getByText('JSON schema', {exact: true}).click();
  await page.getByLabel('JSON schema of the answer').fill('{');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.getByText(/^The schema is no JSON/).waitFor();
  await page.getByLabel('JSON schema of the answer').fill('{"type": "object"}');
  const sent = page.waitForRequest((request) => request.url().endsWith('/api/prompts'));
  await page.getByRole('button', {name: 'Send'}).click();
  assert.deepEqual((await sent).postDataJSON().response_format, {type: 'json_schema', json_schema: {name: 'answer', schema: {type: 'object'}}});
  await page.getByRole('link', {name: 'Whole trace'}).or(page.getByRole('alert')).waitFor({timeout: 60_000});
});

test('aPromptIsCancelled', async () => {
  await show(page, base, 'playground');
  await page.getByText('Text', {exact: true}).click();
  await page.getByLabel('Prompt', {exact: true}).fill('on and on '.repeat(300));
  await page.getByLabel('Most tokens').fill('900');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.getByText('Writing …').waitFor({timeout: 60_000});
  await page.getByRole('button', {name: 'Cancel'}).click();
  await page.getByText('Cancelled.', {exact: true}).waitFor({timeout: 60_000});
});

test('thePageIsUsedByKeyboard', async () => {
  await show(page, base, 'overview');
  await page.reload();
  await page.locator('.pulse[data-state=live]').waitFor();
  await page.locator('.chart canvas').first().waitFor();
  await page.locator('.worker').first().waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(new URL(page.url()).hash, '#/overview', 'the view stays');
  await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.outerHTML), /^<input type="radio"/, 'the first control of the content');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.textContent), '24 hours');
  await page.getByRole('link', {name: 'Tenants'}).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.tagName === 'H2' && document.activeElement.textContent === 'Tenants');
  assert.equal(await page.getByRole('link', {name: 'Tenants'}).getAttribute('aria-current'), 'page');
});

test('aLostConnectionIsToldAndComesBack', async () => {
  await show(page, base, 'overview');
  await page.route('**/api/events*', (route) => route.abort());
  await page.locator('.pulse').click();
  await page.locator('.pulse[data-state=trouble]').waitFor();
  assert.match(await page.locator('#announcements').textContent(), /connection is lost/);
  await page.unroute('**/api/events*');
  await page.locator('.pulse[data-state=live]').waitFor();
  complaints.splice(0, complaints.length, ...complaints.filter((complaint) => !complaint.includes('ERR_FAILED')));
});

test('aHiddenPageRests', async () => {
  await show(page, base, 'running');
  const hide = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => value});
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  await page.getByRole('button', {name: 'paused'}).waitFor();
  await hide(false);
  await page.locator('.pulse[data-state=live]').waitFor();
});

test('everyViewIsAccessibleInLightAndDark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const shown = await open(browser, {colorScheme});
    for (const view of VIEWS) {
      await show(shown.page, base, view);
      await shown.page.waitForTimeout(1_200);
      await assertAccessible(shown.page, `${view} in ${colorScheme}`);
      if (view === 'overview') {
        await screenshot(`overview-${colorScheme}`, shown.page);
      }
    }
    complaints.push(...shown.complaints);
    await shown.context.close();
  }
});

test('everyViewFitsAPhone', async () => {
  const phone = await open(browser, {viewport: {width: 360, height: 740}, hasTouch: true, isMobile: true});
  for (const view of VIEWS) {
    await show(phone.page, base, view);
    await phone.page.waitForTimeout(600);
    await assertFits(phone.page, view);
    if (view === 'overview' || view === 'requests') {
      await screenshot(`${view}-phone`, phone.page);
    }
  }
  complaints.push(...phone.complaints);
  await phone.context.close();
});

test('nothingWasComplainedOf', () => assert.deepEqual(complaints, []));

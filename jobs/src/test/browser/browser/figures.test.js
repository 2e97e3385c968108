/**
 * The figures of a replayed hour, late and out of order, as the page shows them, held to those that figures.py computes
 * from the records alone.
 */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test, {after, before} from 'node:test';
import {launch, open, show} from './chromium.js';
import {chartTable, figure, rows} from './page-figures.js';

const base = process.env.DASHBOARD_URL;
const expected = JSON.parse(execFileSync('python3', [path.join(import.meta.dirname, '../figures.py'), process.env.DASHBOARD_RECORDS], {encoding: 'utf8', maxBuffer: 1 << 28}));
const SKETCH_ERROR = 0.01;
let browser;
let page;
let complaints;

before(async () => {
  browser = await launch();
  ({page, complaints} = await open(browser));
});
after(() => browser.close());

const clock = (minute) => new Date(Number(minute)).toISOString().slice(11, 19);

/** Waits until a condition holds: topics take a moment. */
async function eventually(check) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await check();
    } catch (problem) {
      if (Date.now() > deadline) {
        throw problem;
      }
      await page.waitForTimeout(500);
    }
  }
}

function assertFigure(text, wanted, message, relative = 0) {
  const shown = figure(text);
  assert.ok(shown, `${message}: nothing is shown, ${wanted} expected`);
  assert.ok(Math.abs(shown.value - wanted) <= shown.rounding + wanted * relative * (1 + 1e-9), `${message}: ${text} is shown, ${wanted} expected`);
}

test('totalsAreThoseOfAllRecords', async () => {
  await show(page, base, 'overview');
  const tile = (name) => page.locator(`[data-figure="${name}"]`).textContent();
  await eventually(async () => {
    assert.equal(await tile('requests'), expected.totals.requests.toLocaleString('en'));
    assert.equal(await tile('dead-letters'), expected.totals.deadLetters.toLocaleString('en'));
  });
  const [read, written] = (await tile('tokens-per-second-detail')).split(', ');
  assertFigure(read, expected.totals.promptTokens, 'tokens read');
  assertFigure(written, expected.totals.completionTokens, 'tokens written');
});

test('eachMinuteHasItsRecordsHoweverLateTheyCame', async () => {
  await page.getByText('24 hours').click();
  const minutes = Object.entries(expected.minutes);
  assert.ok(minutes.length >= 60, `${minutes.length} minutes were replayed`);
  const last = clock(minutes.at(-1)[0]);
  await eventually(async () => assert.ok((await chartTable(page, 'Requests')).has(last)));
  const requests = await chartTable(page, 'Requests');
  const tokens = await chartTable(page, 'Tokens per second');
  const first = await chartTable(page, 'Time to first token');
  const total = await chartTable(page, 'Total time');
  for (const [minute, figures] of minutes) {
    const at = clock(minute);
    assert.deepEqual(requests.get(at), [String(figures.requests ?? 0), String(figures.deadLetters ?? 0)], `requests and dead letters of ${at}`);
    assertFigure(tokens.get(at)[0], (figures.streamedTokens ?? 0) / 60, `streamed tokens of ${at}`);
    assertFigure(tokens.get(at)[1], (figures.completionTokens ?? 0) / 60, `completed tokens of ${at}`);
    if (figures.requests) {
      ['P50', 'P95', 'P99'].forEach((name, index) => {
        assertFigure(first.get(at)[index], figures[`ttft${name}Ms`], `time to first token ${name} of ${at}`, SKETCH_ERROR);
        assertFigure(total.get(at)[index], figures[`total${name}Ms`], `total time ${name} of ${at}`, SKETCH_ERROR);
      });
    }
  }
});

test('tenantsHaveWhatTheyAskedFor', async () => {
  await show(page, base, 'tenants');
  const named = new Map((await rows(page.locator('tbody').first())).map(([tenant, cells]) => [tenant, cells]));
  assert.equal(named.size, Object.keys(expected.tenants).length);
  for (const [tenant, figures] of Object.entries(expected.tenants)) {
    const cells = named.get(tenant === '' ? '(no name)' : tenant);
    assert.ok(cells, `tenant ${tenant} is shown`);
    assert.deepEqual(
      [cells[0], cells[2], cells[3], cells[4], cells[5]],
      [figures.requests, figures.deadLetters, figures.promptTokens, figures.cachedTokens, figures.completionTokens].map((value) => (value ?? 0).toLocaleString('en')),
      `figures of ${tenant}`);
  }
});

test('labelsOfEachMinuteAreThoseOfItsAnswers', async () => {
  await show(page, base, 'labels');
  // Windows of the last minute and a half are open: they wait for records that are out of order.
  const [minute, counts] = Object.entries(expected.labels).at(-4);
  const names = Object.entries(counts);
  await eventually(async () => {
    const table = await chartTable(page, 'Labels over time');
    const shown = await page.locator('.chart thead th').allTextContents();
    for (const [label, count] of names) {
      assert.equal(table.get(clock(minute))?.[shown.indexOf(label) - 1], String(count), `${label} at ${clock(minute)}`);
    }
  });
});

test('deadLettersAreCountedByCode', async () => {
  await show(page, base, 'dead-letters');
  for (const [code, count] of Object.entries(expected.codes)) {
    const words = code.toLowerCase().replaceAll('_', ' ');
    await page.getByRole('link', {name: `${words} ${count.toLocaleString('en')}`, exact: true}).waitFor();
  }
});

test('nothingWasComplainedOf', () => assert.deepEqual(complaints, []));

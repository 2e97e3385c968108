/**
 * Keeps a page open under a steady load and measures what it takes: JavaScript heap, memory of its process, frames per
 * second while it is scrolled. Ends with 1 where a limit is passed.
 *
 *   node soak.js --minutes 10 --rate 200 --tokens 120 --uplot FOLDER
 *                                                          against the scripted server
 *   node soak.js --minutes 10 --url http://127.0.0.1:8090/  against a dashboard that gets its load from elsewhere
 */
import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {launch, open, show} from './browser/chromium.js';
import {serve} from './scripted-server.js';

const MEBIBYTE = 1 << 20;
const LIMIT_MEBIBYTES = 200;
const LEAST_FRAMES = 58;
const SCROLL_MS = 5_000;
const VIEWS = [['running', 'main'], ['requests', '.list'], ['overview', 'main']];

const {values} = parseArgs({options: {minutes: {type: 'string', default: '10'}, rate: {type: 'string', default: '200'}, tokens: {type: 'string', default: '120'}, url: {type: 'string'}, uplot: {type: 'string', default: '.'}}});
const server = values.url ? null : await serve({rate: Number(values.rate), tokens: Number(values.tokens), uplot: values.uplot});
const base = values.url ?? server.url;
const browser = await launch();
const {page, complaints} = await open(browser);
const protocol = await page.context().newCDPSession(page);
await protocol.send('Performance.enable');
let events = 0;
await protocol.send('Network.enable');
protocol.on('Network.eventSourceMessageReceived', ({eventName, data}) => (events += eventsIn(eventName, data)));

const samples = [];
const end = Date.now() + Number(values.minutes) * 60_000;
for (let turn = 0; Date.now() < end; turn++) {
  const [view, scrolled] = VIEWS[turn % VIEWS.length];
  await show(page, base, view);
  await page.waitForTimeout(3_000);
  const heardBefore = events;
  const startMs = Date.now();
  const frames = await scroll(scrolled);
  await page.waitForTimeout(Math.min(12_000, Math.max(0, end - Date.now())));
  const sample = {minute: ((Date.now() - end) / 60_000 + Number(values.minutes)).toFixed(1), view, ...frames, eventsPerSecond: Math.round(((events - heardBefore) * 1_000) / (Date.now() - startMs)), ...(await memory())};
  samples.push(sample);
  console.log(JSON.stringify(sample));
}

const most = (name) => Math.max(...samples.map((sample) => sample[name]));
const summary = {
  minutes: Number(values.minutes), turns: samples.length,
  heapMebibytes: most('heapMebibytes'), privateMebibytes: most('privateMebibytes'), residentMebibytes: most('residentMebibytes'),
  framesPerSecond: Math.min(...samples.map((sample) => sample.framesPerSecond)), longestFrameMs: most('longestFrameMs'), complaints,
};
console.log(JSON.stringify(summary));
await browser.close();
server?.close();
process.exitCode = summary.privateMebibytes < LIMIT_MEBIBYTES && summary.framesPerSecond >= LEAST_FRAMES && complaints.length === 0 ? 0 : 1;

/** How many chunks, completions and dead letters an event holds. */
function eventsIn(name, data) {
  const lists = {chunks: 'chunks', completion: 'completions', deadLetter: 'deadLetters'};
  return name in lists ? JSON.parse(data)[lists[name]].length : 0;
}

/** Scrolls with the wheel, down and up again, and counts the frames that the page makes meanwhile. */
async function scroll(selector) {
  const box = await page.locator(selector).first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, Math.min(box.y + box.height / 2, 500));
  const counting = page.evaluate((forMs) => new Promise((resolve) => {
    const times = [];
    const frame = (now) => {
      times.push(now);
      if (now - times[0] < forMs) {
        requestAnimationFrame(frame);
      } else {
        const gaps = times.slice(1).map((time, index) => time - times[index]);
        resolve({framesPerSecond: Math.round((gaps.length * 10_000) / (now - times[0])) / 10, longestFrameMs: Math.round(Math.max(...gaps))});
      }
    };
    requestAnimationFrame(frame);
  }), SCROLL_MS);
  for (let step = 0, startMs = Date.now(); Date.now() - startMs < SCROLL_MS; step++) {
    await page.mouse.wheel(0, Math.floor(step / 40) % 2 === 0 ? 60 : -60);
    await page.waitForTimeout(16);
  }
  return counting;
}

/** Of the page: its heap, and of the process that renders it what is its own and what is resident. */
async function memory() {
  const {metrics} = await protocol.send('Performance.getMetrics');
  const heap = metrics.find(({name}) => name === 'JSHeapUsedSize').value;
  const {processInfo} = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({type}) => type === 'renderer').map(({id}) => kibibytes(id));
  const biggest = renderers.sort((a, b) => b.own - a.own)[0];
  return {heapMebibytes: Math.round(heap / MEBIBYTE), privateMebibytes: Math.round(biggest.own / 1_024), residentMebibytes: Math.round(biggest.resident / 1_024)};
}

function kibibytes(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)[1]);
  return {own: of('Private_Clean') + of('Private_Dirty'), resident: of('Rss')};
}

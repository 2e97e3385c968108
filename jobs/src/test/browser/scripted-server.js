/**
 * Speaks the dashboard's API (docs/DASHBOARD.md) from a script instead of topics: to look at the page without a build,
 * and to give it a steady load. `node scripted-server.js --port 8190 --rate 200 --tokens 120 --uplot FOLDER`; the folder
 * holds uPlot.esm.js and uPlot.min.css.
 */
import {createReadStream, existsSync} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {Script} from './script.js';

const PAGE = path.resolve(import.meta.dirname, '../../main/resources/ai/falaj/jobs/dashboard');
const TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml'};
const CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * @param {{port?: number, rate?: number, tokens?: number, uplot: string, page?: string}} options `rate`: events per second,
 *     where each chunk, completion and dead letter counts as one; `tokens`: of a request, about
 * @returns {Promise<{url: string, close: () => void}>}
 */
export function serve({port = 0, rate = 60, tokens = 120, uplot, page = PAGE}) {
  const script = new Script(rate, tokens);
  const streams = new Set();
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/api/events') {
      open(url, request, response);
    } else if (url.pathname.startsWith('/api/')) {
      answer(url, request, response);
    } else {
      file(url.pathname, response);
    }
  });

  function open(url, request, response) {
    const events = (url.searchParams.get('events') ?? '').split(',');
    const stream = {events, request: url.searchParams.get('request'), response};
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store'});
    push(stream, 'hello', {serverTime: Date.now(), events});
    streams.add(stream);
    request.on('close', () => streams.delete(stream));
  }

  function push({events, request, response}, name, data) {
    if (name !== 'hello' && !events.includes(name)) {
      return;
    }
    const sent = name === 'chunks' && request ? {...data, chunks: data.chunks.filter((chunk) => chunk.requestId === request)} : data;
    if (name !== 'chunks' || sent.chunks.length > 0) {
      response.write(`event: ${name}\ndata: ${JSON.stringify(sent)}\n\n`);
    }
  }

  async function answer(url, request, response) {
    let body = '';
    for await (const piece of request) {
      body += piece;
    }
    const {status, json, text} = script.answer(request.method, url.pathname, url.searchParams, body === '' ? null : JSON.parse(body));
    response.writeHead(status, {'Content-Type': text === undefined ? 'application/json' : 'text/plain; charset=utf-8'});
    response.end(text ?? (json === undefined ? '' : JSON.stringify(json)));
  }

  function file(pathname, response) {
    const name = pathname === '/' ? '/index.html' : path.normalize(pathname);
    const found = name.startsWith('/vendor/uplot/') ? path.join(uplot, path.basename(name)) : path.join(page, name);
    if (!existsSync(found)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {'Content-Type': TYPES[path.extname(found)] ?? 'text/plain', 'Content-Security-Policy': CONTENT_SECURITY_POLICY});
    createReadStream(found).pipe(response);
  }

  const timers = [
    setInterval(() => script.tick(Date.now()).forEach(([name, data]) => streams.forEach((stream) => push(stream, name, data))), 50),
    setInterval(() => {
      for (const name of ['overview', 'running', 'workers']) {
        const data = script.event(name, Date.now());
        streams.forEach((stream) => push(stream, name, data));
      }
    }, 1_000),
  ];
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}/`,
        close() {
          timers.forEach(clearInterval);
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}

if (process.argv[1] === import.meta.filename) {
  const {values} = parseArgs({options: {port: {type: 'string', default: '8190'}, rate: {type: 'string', default: '60'}, tokens: {type: 'string', default: '120'}, uplot: {type: 'string'}}});
  const {url} = await serve({port: Number(values.port), rate: Number(values.rate), tokens: Number(values.tokens), uplot: values.uplot ?? '.'});
  console.log(url);
}

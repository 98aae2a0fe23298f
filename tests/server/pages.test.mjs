// pages.test.mjs - the pages and their headers, the desk's state, the figures, and the log.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { demo, directory, Server, writeConfig } from './harness.mjs';

const memory = ['--store', 'memory:'];

test('every answer has a strict policy', async (t) => {
  const s = await Server.start(t, memory);
  for (const path of ['/', '/console/', '/widget.js', '/healthz', '/metrics', '/usher/desk', '/nothing']) {
    const { headers } = await s.get(path);
    const policy = Object.fromEntries(headers['content-security-policy'].split('; ').map((d) => {
      const [name, ...values] = d.split(' ');
      return [name, values.join(' ')];
    }));
    assert.equal(policy['default-src'], "'none'", path);
    assert.equal(policy['script-src'], "'self'");
    assert.equal(policy['style-src'], "'self'");
    assert.equal(policy['frame-ancestors'], "'none'");
    assert.equal(policy['base-uri'], "'none'");
    assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  }
});

test('pages are there and are not sent twice', async (t) => {
  const s = await Server.start(t, memory);
  for (const path of ['/', '/console/', '/widget.js']) {
    const first = await s.get(path);
    assert.equal(first.status, 200, path);
    assert.match(first.headers['content-type'], path.endsWith('.js') ? /^text\/javascript/ : /^text\/html/);
    assert.equal(Number(first.headers['content-length']), Buffer.byteLength(first.body));
    assert.ok(first.body.length > 0);
    const again = await s.get(path, { headers: { 'If-None-Match': first.headers.etag } });
    assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', first.headers.etag]);
    const other = await s.get(path, { headers: { 'If-None-Match': '"other"' } });
    assert.equal(other.status, 200);
    const head = await s.request('HEAD', path);
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal(head.headers.etag, first.headers.etag);
  }
});

test('all that the pages refer to is there', async (t) => {
  const s = await Server.start(t, memory);
  const seen = new Set();
  const queue = ['/', '/console/', '/widget.js'];
  while (queue.length > 0) {
    const path = queue.shift();
    if (seen.has(path)) {
      continue;
    }
    seen.add(path);
    const { status, body, headers } = await s.get(path);
    assert.equal(status, 200, path);
    const found = headers['content-type'].startsWith('text/html')
      ? [...body.matchAll(/\s(?:href|src)="([^"#?]+)/g)]
      : [...body.matchAll(/(?:from|import)\s*\(?\s*'(\.?\.?\/[^']+)'/g)];
    for (const [, target] of found) {
      const url = new URL(target, s.origin + path);
      if (url.origin === s.origin) {
        queue.push(url.pathname);
      }
    }
  }
  assert.ok(seen.size > 5, [...seen].join(' '));
});

test('what is not there is 404, what may not be done 405', async (t) => {
  const s = await Server.start(t, memory);
  for (const path of ['/nothing', '/console/nothing', '/demo.json', '/usher/', '/README.md']) {
    assert.equal((await s.get(path)).status, 404, path);
  }
  for (const path of ['/', '/console/', '/healthz', '/metrics', '/usher/desk']) {
    const r = await s.request('POST', path, { body: 'x' });
    assert.equal(r.status, 405, path);
    assert.equal(r.headers.allow, 'GET, HEAD');
  }
  for (const path of ['/../etc/passwd', '/%2e%2e/etc/passwd', '/console/..%2f..%2fetc/passwd', '/%00']) {
    const r = await s.get(path);
    assert.ok(r.status >= 400 && r.status < 500, path);
  }
  const moved = await s.get('/console');
  assert.deepEqual([moved.status, moved.headers.location], [308, 'console/']);
});

test('the desk is open, and ready when an agent is', async (t) => {
  const dir = directory(t);
  const shop = 'https://shop.example';
  const s = await Server.start(t, ['--config', writeConfig(dir, { ...demo(), origins: [shop] }), ...memory]);
  const away = await s.get('/usher/desk');
  assert.equal(away.status, 200);
  assert.equal(away.headers['content-type'], 'application/json');
  assert.equal(away.headers['cache-control'], 'max-age=10');
  assert.equal(away.headers.vary, 'Origin');
  assert.deepEqual(JSON.parse(away.body), { open: true, ready: false });

  const { token } = JSON.parse((await s.login('ann', s.passwords.ann)).body);
  const link = await s.link();
  await link.hello(token);
  link.send({ type: 'ready', key: 'r1', on: true });
  await link.next('done');
  assert.deepEqual(JSON.parse((await s.get('/usher/desk')).body), { open: true, ready: true });

  const allowed = await s.get('/usher/desk', { headers: { Origin: shop } });
  assert.equal(allowed.headers['access-control-allow-origin'], shop);
  for (const origin of ['https://evil.example', 'null', 'https://shop.example.evil.example']) {
    const r = await s.get('/usher/desk', { headers: { Origin: origin } });
    assert.equal(r.headers['access-control-allow-origin'], undefined);
  }
  const widget = await s.get('/widget.js', { headers: { Origin: shop } });
  assert.equal(widget.headers['access-control-allow-origin'], shop);
  assert.equal(widget.headers['cross-origin-resource-policy'], 'cross-origin');
  assert.equal((await s.get('/', { headers: { Origin: shop } })).headers['access-control-allow-origin'], undefined);
});

test('closed queues make a closed desk', async (t) => {
  const dir = directory(t);
  const config = demo();
  config.queues.forEach((q) => (q.open = false));
  const s = await Server.start(t, ['--config', writeConfig(dir, config), ...memory]);
  assert.deepEqual(JSON.parse((await s.get('/usher/desk')).body), { open: false, ready: false });
});

const figures = (body) => Object.fromEntries(body.split('\n').filter((l) => l && !l.startsWith('#'))
  .map((l) => [l.slice(0, l.lastIndexOf(' ')), Number(l.slice(l.lastIndexOf(' ') + 1))]));

test('figures follow what happens', async (t) => {
  const s = await Server.start(t, memory);
  const r = await s.get('/metrics');
  assert.equal(r.status, 200);
  assert.equal(r.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const before = figures(r.body);
  assert.equal(before.usher_open, 1);
  assert.equal(before.usher_queues, 2);
  assert.equal(before.usher_agents, 4);
  await s.login('ann', 'wrong');
  await s.login('ann', s.passwords.ann);
  const link = await s.link();
  await link.hello();
  link.send({ type: 'start', key: 'k', queue: 'sales', body: 'Hello' });
  await link.next('said');
  const after = figures((await s.get('/metrics')).body);
  assert.equal(after['usher_links{as="visitor"}'], 1);
  assert.equal(after['usher_sessions{state="waiting"}'], 1);
  assert.equal(after.usher_started_total, 1);
  assert.equal(after['usher_logins_total{answer="wrong"}'], 1);
  assert.equal(after['usher_logins_total{answer="right"}'], 1);
  assert.equal(after['usher_frames_total{way="in"}'], 2);
});

test('figures are for this machine only', async (t) => {
  const dir = directory(t);
  const config = { ...demo(), trusted_proxies: ['127.0.0.1'] };
  const s = await Server.start(t, ['--config', writeConfig(dir, config), ...memory]);
  const forwarded = (address) => s.get('/metrics', { headers: { 'X-Forwarded-For': address } });
  assert.equal((await forwarded('203.0.113.9')).status, 403);
  assert.equal((await s.get('/metrics')).status, 200);
});

test('behind a trusted proxy each address has its own login limit', async (t) => {
  const dir = directory(t);
  const config = { ...demo(), trusted_proxies: ['127.0.0.1'] };
  const s = await Server.start(t, ['--config', writeConfig(dir, config), ...memory]);
  const login = (address, password) => s.request('POST', '/usher/login', {
    headers: { Origin: s.origin, 'X-Forwarded-For': address },
    body: JSON.stringify({ agent: 'ann', password }) });
  for (let i = 0; i < 5; i++) {
    assert.equal((await login('203.0.113.9', 'wrong')).status, 401);
  }
  assert.equal((await login('203.0.113.9', s.passwords.ann)).status, 429);
  assert.equal((await login('203.0.113.10', s.passwords.ann)).status, 200);
});

test('the log is JSON lines without secrets or control bytes', async (t) => {
  const dir = directory(t);
  const config = { ...demo(), log: { level: 'debug' } };
  const s = await Server.start(t, ['--config', writeConfig(dir, config), ...memory]);
  const { token } = JSON.parse((await s.login('ann', s.passwords.ann)).body);
  const agent = await s.link();
  await agent.hello(token);
  const visitor = await s.link();
  const hello = await visitor.hello();
  visitor.send({ type: 'start', key: 'k', queue: 'sales', body: 'secret text \u001b[31m\n',
    form: { name: 'Eve', email: 'eve@example.com' } });
  await visitor.next('said');
  // Tokens in every place where they do not belong.
  await s.get(`/${token}`);
  await s.get(`/?token=${token}`);
  await s.login(token, token);
  await s.login('ann\r\n{"level":"error"}', s.passwords.ann);
  await s.get('/', { headers: { Origin: `http://${token}`, 'X-Forwarded-For': token, Cookie: token } });
  const bad = await s.link();
  bad.send({ type: token, key: token, as: token });
  await bad.next('refused');
  bad.send({ type: 'hello', as: 'agent', token: `${token}x` });
  await bad.closed();
  await s.stop();
  const lines = s.err.trimEnd().split('\n');
  assert.ok(lines.length >= 3);
  for (const line of lines) {
    assert.ok(Buffer.byteLength(line) < 4096);
    assert.match(line, /^[\x20-\x7e]+$/);
    const entry = JSON.parse(line);
    assert.match(entry.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(entry.level, /^(debug|info|warn|error)$/);
    assert.equal(typeof entry.event, 'string');
  }
  for (const secret of [token, token.slice(12), hello.token, s.passwords.ann, 'secret text', 'eve@example.com']) {
    assert.ok(!s.err.includes(secret), secret);
  }
});

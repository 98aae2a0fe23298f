// login.test.mjs - passwords for tokens: who gets one, how often one may try, and how long it lasts.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { chmodSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { demo, directory, run, Server, writeConfig } from './harness.mjs';

const memory = ['--store', 'memory:'];

test('the right password is a token, and the token signs in', async (t) => {
  const s = await Server.start(t, memory);
  for (const [agent, password] of Object.entries(s.passwords)) {
    const r = await s.login(agent, password);
    assert.equal(r.status, 200);
    assert.equal(r.headers['content-type'], 'application/json');
    assert.equal(r.headers['cache-control'], 'no-store');
    const answer = JSON.parse(r.body);
    assert.deepEqual(Object.keys(answer), ['token']);
    const hello = await (await s.link()).hello(answer.token);
    assert.equal(hello.agent, agent);
    assert.equal(hello.role, agent === 'sue' ? 'supervisor' : 'agent');
  }
});

test('wrong passwords and unknown agents are the same 401', async (t) => {
  const s = await Server.start(t, memory);
  const answers = [
    await s.login('ann', 'wrong', { from: '127.0.0.2' }),
    await s.login('ann', '', { from: '127.0.0.3' }),
    await s.login('nobody', s.passwords.ann, { from: '127.0.0.4' }),
    await s.login('ANN', s.passwords.ann, { from: '127.0.0.5' }),
    await s.login('', '', { from: '127.0.0.6' }),
    await s.login('ann', s.passwords.bea, { from: '127.0.0.7' }),
  ];
  for (const a of answers) {
    assert.equal(a.status, 401);
    assert.equal(a.body, answers[0].body);
    const strip = ({ date, ...rest }) => rest;
    assert.deepEqual(strip(a.headers), strip(answers[0].headers));
  }
});

test('what is malformed is 400 and does not count', async (t) => {
  const s = await Server.start(t, memory);
  const bad = [
    '', 'null', '[]', '{}', '{"agent":"ann"}', '{"password":"x"}', '{"agent":1,"password":"x"}',
    '{"agent":"ann","password":"x","more":1}', '{"agent":"ann","agent":"ann","password":"x"}',
    '{"agent":"ann","password":"x"} x', '{"agent":"ann","password":"\\u0000"}', 'agent=ann&password=x',
    Buffer.from('{"agent":"ann","password":"\xff"}', 'latin1'),
    `{"agent":"ann","password":"${'x'.repeat(1024)}"}`,
  ];
  for (const body of bad) {
    const r = await s.request('POST', '/usher/login', {
      headers: { Origin: s.origin, 'Content-Type': 'application/json' }, body });
    assert.equal(r.status, 400, String(body));
    assert.equal(JSON.parse(r.body).error, 'malformed');
  }
  assert.equal((await s.login('ann', s.passwords.ann)).status, 200);
});

test('the body is judged, not its Content-Type', async (t) => {
  const s = await Server.start(t, memory);
  for (const type of [{}, { 'Content-Type': 'text/plain;charset=UTF-8' }, { 'Content-Type': 'application/x-www-form-urlencoded' }]) {
    const r = await s.request('POST', '/usher/login', {
      headers: { Origin: s.origin, ...type }, body: JSON.stringify({ agent: 'ann', password: s.passwords.ann }) });
    assert.equal(r.status, 200);
  }
});

test('only allowed origins may sign in, and only by POST', async (t) => {
  const s = await Server.start(t, memory);
  for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${s.port}`, 'http://127.0.0.1']) {
    assert.equal((await s.login('ann', s.passwords.ann, { origin })).status, 403, origin);
  }
  const none = await s.request('POST', '/usher/login', {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ agent: 'ann', password: s.passwords.ann }) });
  assert.equal(none.status, 403);
  assert.equal((await s.login('ann', s.passwords.ann, { origin: `http://localhost:${s.port}` })).status, 200);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const r = await s.request(method, '/usher/login', { headers: { Origin: s.origin } });
    assert.equal(r.status, 405, method);
    assert.match(r.headers.allow, /\bPOST\b/);
  }
});

test('five wrong ones lock the address, for the right password too', async (t) => {
  const s = await Server.start(t, memory);
  for (let i = 0; i < 5; i++) {
    assert.equal((await s.login('ann', `wrong ${i}`)).status, 401);
  }
  for (const [agent, password] of [['ann', s.passwords.ann], ['bea', s.passwords.bea], ['ann', 'x']]) {
    const r = await s.login(agent, password);
    assert.equal(r.status, 429);
    assert.ok(Number(r.headers['retry-after']) >= 1 && Number(r.headers['retry-after']) <= 300);
    assert.equal(JSON.parse(r.body).error, 'locked');
  }
  assert.equal((await s.login('ann', s.passwords.ann, { from: '127.0.0.2' })).status, 200);
});

test('ten wrong ones lock the account, whatever addresses they come from', async (t) => {
  const s = await Server.start(t, memory);
  for (let i = 0; i < 10; i++) {
    assert.equal((await s.login('ann', 'wrong', { from: `127.0.1.${1 + (i % 5)}` })).status, 401);
  }
  assert.equal((await s.login('ann', s.passwords.ann, { from: '127.0.2.1' })).status, 429);
  assert.equal((await s.login('bea', s.passwords.bea, { from: '127.0.2.1' })).status, 200);
});

test('many at once are judged no more often than one by one', async (t) => {
  const s = await Server.start(t, memory);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => s.login('ann', i === 29 ? s.passwords.ann : `wrong ${i}`)));
  const count = (status) => answers.filter((a) => a.status === status).length;
  assert.equal(count(401), 5);
  assert.equal(count(401) + count(429) + count(200), 30);
  assert.ok(count(200) <= 1);
  assert.equal((await s.login('ann', s.passwords.ann)).status, 429);
});

test('who hangs up has tried all the same', async (t) => {
  const s = await Server.start(t, memory);
  const body = JSON.stringify({ agent: 'ann', password: 'wrong' });
  for (let i = 1; i <= 5; i++) {
    const socket = net.connect(s.port, '127.0.0.1');
    socket.end(`POST /usher/login HTTP/1.1\r\nHost: 127.0.0.1:${s.port}\r\nOrigin: ${s.origin}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`);
    socket.on('error', () => {});
    await s.logged(new RegExp(`(?:"result":"wrong"[^]*){${i}}`));
    socket.destroy();
  }
  assert.equal((await s.login('ann', s.passwords.ann)).status, 429);
});

test('a token survives a restart, but not the loss of its key', async (t) => {
  const dir = directory(t);
  const args = ['--store', `sqlite:${join(dir, 'desk.db')}`];
  const key = join(dir, 'desk.db.key');
  let s = await Server.start(t, args);
  const { token } = JSON.parse((await s.login('ann', s.passwords.ann)).body);
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.equal(statSync(key).size, 32);
  await s.stop();

  s = await Server.start(t, args);
  assert.equal((await (await s.link()).hello(token)).agent, 'ann');
  await s.stop();

  rmSync(key);
  s = await Server.start(t, args);
  const link = await s.link();
  link.send({ type: 'hello', as: 'agent', token });
  assert.equal((await link.next('refused')).why, 'unauthorized');
  assert.equal(await link.closed(), 4401);
  await s.stop();

  chmodSync(key, 0o644);
  const r = await run([...args, '--listen', '127.0.0.1:0']);
  assert.equal(r.code, 1);
  assert.match(r.err, /^usher-server: .*desk\.db\.key: .*0600\n/m);
});

test('a token dies with its password, its agent, or a store in memory', async (t) => {
  const dir = directory(t);
  const args = ['--config', join(dir, 'demo.json'), '--store', `sqlite:${join(dir, 'desk.db')}`];
  const refused = async (s, token) => {
    const link = await s.link();
    link.send({ type: 'hello', as: 'agent', token });
    assert.equal(await link.closed(), 4401);
    await s.stop();
  };
  writeConfig(dir, demo());
  let s = await Server.start(t, args);
  const tokens = {};
  for (const agent of ['ann', 'bea', 'cyd']) {
    tokens[agent] = JSON.parse((await s.login(agent, s.passwords[agent])).body).token;
  }
  await s.stop();

  const config = demo();
  config.agents[0].password = 'another-one-1';
  config.agents.splice(1, 1);
  writeConfig(dir, config);
  s = await Server.start(t, args);
  assert.equal((await (await s.link()).hello(tokens.cyd)).agent, 'cyd');
  await s.stop();
  await refused(await Server.start(t, args), tokens.ann);
  await refused(await Server.start(t, args), tokens.bea);
  await refused(await Server.start(t, memory), tokens.cyd);
});

test('--hash-password makes what the configuration takes', async (t) => {
  const dir = directory(t);
  const { code, out, err } = await run(['--hash-password'], { input: 'a long pass phrase\n' });
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^\$argon2id\$\S+\n$/);
  const file = writeConfig(dir, {
    queues: [{ id: 'sales' }],
    agents: [{ id: 'ann', password_hash: out.trim(), queues: ['sales'] }],
  });
  const s = await Server.start(t, ['--config', file, ...memory]);
  assert.equal(s.out, `usher-server: listening on ${s.origin}\n`);
  assert.equal((await s.login('ann', 'a long pass phrase')).status, 200);
  assert.equal((await s.login('ann', 'a long pass phrase ')).status, 401);
  assert.equal((await run(['--hash-password'], { input: '\n' })).code, 1);
  assert.equal((await run(['--hash-password'], { input: 'x'.repeat(600) })).code, 1);
});

test('the loop goes on while passwords are worked out', async (t) => {
  const s = await Server.start(t, memory);
  let done = false;
  const logins = Promise.all(Array.from({ length: 8 }, (_, i) => s.login('ann', 'wrong', {
    from: `127.0.3.${i + 1}` }))).then(() => (done = true));
  let answered = 0;
  while (!done) {
    assert.equal((await s.get('/healthz')).status, 200);
    answered++;
  }
  await logins;
  assert.ok(answered > 3, `${answered}`);
});

test('a stop in the middle of logins is clean', async (t) => {
  const s = await Server.start(t, memory);
  const logins = Array.from({ length: 12 }, (_, i) => s.login('ann', s.passwords.ann, { from: `127.0.4.${i + 1}` }));
  await Promise.race(logins);
  assert.deepEqual(await s.stop(), { code: 0, signal: null });
  const answers = await Promise.allSettled(logins);
  assert.ok(answers.some((a) => a.value?.status === 200));
  for (const { value } of answers) {
    assert.ok(value === undefined || value.status === 200 || value.status === 503);
  }
});

// handshake.test.mjs - requests that are not quite right get one answer, or none, and never a link.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  CONNECTION, filler, GET, handshakes, HOST, LOGIN, ORIGIN, requests, WHOLE, without,
} from './bad_heads.mjs';
import { Desk, frame, Raw, timeout } from './kit.mjs';

/** Send it, and talk meanwhile: one answer, no link, and those who talk notice nothing. */
async function ask(desk, bytes, options) {
  const raw = await Raw.open(desk.server, options);
  raw.send(bytes.replaceAll('@', desk.server.origin));
  const [, answer] = await Promise.all([desk.talk(), raw.answer()]);
  return answer;
}

async function are_refused(desk, cases) {
  for (const [status, bytes] of cases) {
    const answer = await ask(desk, bytes);
    assert.equal(answer.status, status, bytes.slice(0, 600));
    assert.match(answer.head, /^Connection: close\r$/m);
    assert.match(answer.head, /^X-Content-Type-Options: nosniff\r$/m);
  }
}

test('a handshake that is wrong in one thing is refused with its status', { timeout }, async (t) => {
  const desk = await Desk.open(t);
  const mark = await desk.mark();
  await are_refused(desk, handshakes);
  await desk.unchangedSince(mark);
  assert.equal((await ask(desk, `${GET}${WHOLE}\r\n`)).status, 101, 'what all of these are made from is right');
});

test('a request that is wrong in one thing is refused with its status', { timeout }, async (t) => {
  const desk = await Desk.open(t);
  const mark = await desk.mark();
  await are_refused(desk, requests);
  await desk.unchangedSince(mark);
});

test('a connection has one request and one answer, whatever is sent behind it', { timeout }, async (t) => {
  const desk = await Desk.open(t);
  const mark = await desk.mark();
  const right = `${GET}${WHOLE}\r\n`;
  const page = `GET / HTTP/1.1\r\n${HOST}Connection: keep-alive\r\n\r\n`;
  /* A page and then this one: libwebsockets 4.1.6 alone would read freed memory. */
  const wrong = `GET / HTTP/1.1\r\n${HOST}Upgrade: foo\r\n${CONNECTION}\r\n`;
  const h2c = `GET / HTTP/1.1\r\n${HOST}Upgrade: h2c\r\n${CONNECTION}\r\n`;
  const foreign = `${GET}${without(ORIGIN)}\r\n`;
  const login = `${LOGIN}Content-Length: 2\r\n\r\n{}`;
  const hello = frame('{"type":"hello","as":"visitor"}').toString('latin1');
  const pairs = [
    ...[page, right, wrong, h2c, foreign, login, 'x'.repeat(100000), '\r\n\r\n'].map((behind) => [200, page, behind]),
    ...[page, right, wrong].map((behind) => [400, wrong, behind]),
    ...[page, right, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'].map((behind) => [400, h2c, behind]),
    ...[page, right, hello].map((behind) => [403, foreign, behind]),
    ...[page, right].map((behind) => [400, login, behind]),
    [400, `${LOGIN}Content-Length: 2\r\n\r\n`, right],
    [404, `GET /nosuch HTTP/1.1\r\n${HOST}\r\n`, right],
    [405, `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`, right],
    [431, `GET / HTTP/1.1\r\n${filler(9000)}\r\n`, right],
  ];
  for (const [status, first, behind] of pairs) {
    const name = `${first.slice(0, 300)} and then ${behind.slice(0, 300)}`;
    assert.equal((await ask(desk, first + behind)).status, status, name);
    if (!first.endsWith('Content-Length: 2\r\n\r\n')) { // that one has no answer yet
      const late = behind.replaceAll('@', desk.server.origin);
      assert.equal((await ask(desk, first, { late })).status, status, name);
    }
  }
  await desk.unchangedSince(mark);
});

test('logins that are malformed, foreign or too many are told so, and those who talk go on', { timeout }, async (t) => {
  const desk = await Desk.open(t);
  const mark = await desk.mark();
  const right = JSON.stringify({ agent: 'ann', password: desk.server.passwords.ann });
  const login = async (body, { origin = ORIGIN, from = '127.0.9.1' } = {}) => {
    const head = `POST /usher/login HTTP/1.1\r\n${HOST}${origin}Content-Length: ${body.length}\r\n\r\n`;
    return (await ask(desk, head + body, { from })).status;
  };
  const malformed = ['', ' ', '{', '[]', 'null', '{"a":'.repeat(600), right.slice(0, -1), `${right}x`, right + right,
    `\xef\xbb\xbf${right}`, right.replace('{', '{"agent":"bea",'), right.replace('}', ',"role":"supervisor"}'),
    right.replace('agent', 'Agent')];
  const wrong_agents = ['{"$ne":""}', '["ann"]', 'null', '"ann\\u0000"', '"\\ud800"', '"\xff"', '"a\0"'];
  malformed.push(...wrong_agents.map((agent) => right.replace('"ann"', agent)));
  for (const body of malformed) {
    assert.equal(await login(body), 400, body.slice(0, 200));
  }
  for (const origin of ['', 'Origin: null\r\n', 'Origin: http://evil.example\r\n', 'Origin: @/\r\n',
    'Origin: https://127.0.0.1\r\n']) {
    assert.equal(await login(right, { origin }), 403, origin);
  }
  assert.equal(await login(right, { origin: ORIGIN + ORIGIN }), 400);
  assert.equal(await login(`${right}${' '.repeat(20000)}`), 413);
  /* None of these has counted; five wrong passwords do, and only for the address that they came from. */
  for (let i = 0; i < 5; i++) {
    assert.equal(await login(right.replace('ann', 'nobody')), 401);
  }
  assert.equal(await login(right), 429);
  assert.equal(await login(right, { from: '127.0.9.2' }), 200);
  await desk.unchangedSince(mark);
});

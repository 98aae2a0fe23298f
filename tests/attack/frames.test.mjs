// frames.test.mjs - messages that are no frames are refused one by one, and nothing else happens.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { nearly_right } from './bad_frames.mjs';
import { enemies, frame, sign_in, timeout } from './kit.mjs';

const golden = new URL('../golden/client_bad.jsonl', import.meta.url);
const golden_session = '00112233445566778899aabbccddeeff';
/* What may come in at any time because of others. */
const news = new Set(['presence', 'place', 'typing']);

/** All answers to these bytes up to that to the frame behind them, which proves that the link still lives. */
async function answers(link, evil, as, bytes) {
  link.socket.write(frame(bytes));
  let last = 'hello';
  if (as === 'nobody') {
    link.send({ type: 'hello', as: 'visitor' });
  } else {
    last = 'history';
    link.send({ type: 'history', key: 'behind', session: evil.session, limit: 1 });
  }
  const upto = await link.next(last);
  const before = link.messages.filter((m) => !news.has(m.type));
  if (as !== 'nobody') {
    assert.equal(upto.facts[0].index, evil.head, 'something was added to the session');
  }
  return before;
}

async function is_refused(desk, evil, { as, bytes, why, key, text, name }) {
  const link = await sign_in(desk, evil, as);
  if (why === 'unauthorized') {
    link.socket.write(frame(bytes));
    const [, refused, code] = await Promise.all([desk.talk(), link.next('refused'), link.closed()]);
    assert.deepEqual([refused.why, refused.key, code], [why, key, 4401], name);
  } else {
    const [, got] = await Promise.all([desk.talk(), answers(link, evil, as, bytes)]);
    assert.equal(got.length, 1, `${name}: ${JSON.stringify(got)}`);
    assert.deepEqual([got[0].type, got[0].why, got[0].key], ['refused', why, key], name);
    if (text !== undefined && why !== 'too_large') {
      assert.equal(got[0].text, text, name);
    }
  }
  link.close();
}

test('each golden bad frame is refused by the server as by the codec', { timeout }, async (t) => {
  const { desk, evil, mark } = await enemies(t);
  const lines = readFileSync(golden, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 100);
  for (const { as, frame: text, why, key, text: said } of lines) {
    const bytes = text.replaceAll(golden_session, evil.session);
    await is_refused(desk, evil, { as, bytes, why, key, text: said, name: text });
  }
  await desk.unchangedSince(mark);
});

test('a command that is wrong in one thing does nothing at all', { timeout }, async (t) => {
  const { desk, evil, mark } = await enemies(t);
  for (const one of nearly_right(evil.session, desk.session)) {
    await is_refused(desk, evil, one);
  }
  await desk.unchangedSince(mark);
});

test('what is odd but right is taken, and comes back byte for byte', { timeout }, async (t) => {
  const { desk, evil } = await enemies(t);
  const bodies = [
    "'; DROP TABLE fact; --", '<script>alert(1)</script>', '{"$ne":null}', '%s%n%x', '../../etc/passwd', '\\u0000',
      'null', ' ', '\n',
    '\u0001\u001b[2J\u007f\u0085', '\u202e\u2066\u200b\ufeff', '\ufffe\uffff\u{10ffff}\u{1f9d1}\u200d\u{1f680}',
      '\u0e01'.repeat(2730), 'b'.repeat(8192),
  ];
  const { visitor, visitor: { messages } } = evil;
  for (const [i, body] of bodies.entries()) {
    visitor.send({ type: 'say', key: `odd ${i}`, session: evil.session, body });
    const [, said] = await Promise.all([desk.talk(), visitor.next('said')]);
    assert.deepEqual([said.body, said.key, said.index], [body, `odd ${i}`, evil.head + 1 + i]);
    assert.equal((await evil.agent.next('said')).body, body);
  }
  /* Ways to write one text that must not make two of it. */
  const way = (body) => `\t\r\n {"type":"say","key":"one way","session":"${evil.session}","body":${body}} \n`;
  for (const body of ['"a\u00e9\u{1f600}/"', '"\\u0061\\u00e9\\ud83d\\ude00\\/"',
    '"\\u0061\u00E9\\uD83D\\uDE00/"']) {
    visitor.socket.write(frame(way(body)));
  }
  assert.equal((await visitor.next('said')).body, 'a\u00e9\u{1f600}/');
  await visitor.next('done');
  await visitor.next('done');
  assert.deepEqual(messages.filter((m) => m.type === 'refused'), []);
  const stored = await desk.rows(`SELECT body FROM messages WHERE session = '${evil.session}' ORDER BY seq`);
  assert.deepEqual(stored.slice(1).map((row) => row.body), [...bodies, 'a\u00e9\u{1f600}/']);
});

test('four bad frames of any kind are forgiven, the fifth ends the link with 4400', { timeout }, async (t) => {
  const { desk, evil, mark } = await enemies(t);
  const kinds = ['{', '{"type":"say"}', '{"type":"nonsense"}', '{"type":"hello","as":"visitor"}', ''];
  for (let turn = 0; turn < kinds.length; turn++) {
    const link = await sign_in(desk, evil, 'visitor');
    const five = kinds.map((_, i) => frame(kinds[(i + turn) % 5]));
    link.socket.write(Buffer.concat([...five,
      frame(`{"type":"say","session":"${evil.session}","body":"too late"}`)]));
    const [, code] = await Promise.all([desk.talk(), link.closed()]);
    assert.equal(code, 4400);
    assert.equal(link.messages.filter((m) => m.type === 'refused').length, 4);
    assert.equal(link.messages.filter((m) => m.type === 'said').length, 0);
  }
  await desk.unchangedSince(mark);
});

// valgrind.test.mjs - the server starts, talks, is attacked and stops without one wrong access or lost block.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { all, attacks, more, rest } from './bad_bytes.mjs';
import { handshakes, requests } from './bad_heads.mjs';
import { directory } from '../server/harness.mjs';
import { Desk, Raw, timeout } from './kit.mjs';

/* Everything is some forty times slower there: a few of each kind must do. */
const SOME = 12;

const few = (list) => list.filter((_, i) => i % Math.ceil(list.length / SOME) === 0);

test('valgrind finds nothing in a server that is stopped in the middle of its work', { timeout }, async (t) => {
  if (process.env.SAN) {
    t.skip('a server with a sanitizer in it does not run under valgrind; the sanitizer looks for the same');
    return;
  }
  const log = join(directory(t), 'valgrind.log');
  const under = ['valgrind', '-q', '--error-exitcode=99', '--leak-check=full', `--log-file=${log}`];
  const desk = await Desk.open(t, {}, { under });
  for (const [status, bytes] of [...few(handshakes), ...few(requests)]) {
    const raw = await Raw.open(desk.server);
    raw.send(bytes.replaceAll('@', desk.server.origin));
    assert.equal((await raw.answer()).status, status);
  }
  /* A page that is kept, and then a wrong upgrade: libwebsockets 4.1.6 alone would read freed memory here. */
  const raw = await Raw.open(desk.server);
  const get = (fields) => `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
  raw.send(get('Connection: keep-alive\r\n') + get('Connection: Upgrade\r\nUpgrade: foo\r\n'));
  assert.equal((await raw.answer()).status, 200);
  for (const [, codes, bytes] of few(attacks(desk.session))) {
    const link = await desk.server.link();
    await link.hello();
    link.socket.write(bytes);
    assert.ok(codes.includes(await link.closed()));
    link.close();
  }
  desk.visitor.socket.write(all(more('{"type":'), rest('"nonsense"}')));
  assert.equal((await desk.visitor.next('refused')).why, 'unknown_type');
  await desk.talk();
  /* Open links of each kind, a command on its way, a message and a head that are not finished. */
  const silent = await desk.server.link();
  const half = await desk.server.link();
  await half.hello();
  half.socket.write(more('{"type":'));
  const begun = await Raw.open(desk.server);
  begun.send('POST /usher/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{');
  desk.visitor.send({ type: 'say', key: 'last', session: desk.session, body: 'and then' });
  const { code, signal } = await desk.server.stop('SIGTERM');
  const found = readFileSync(log, 'utf8');
  assert.equal(found, '', found);
  assert.deepEqual([code, signal], [0, null]);
  for (const link of [desk.visitor, desk.agent, silent, half]) {
    assert.equal(await link.closed(), 1012);
  }
});

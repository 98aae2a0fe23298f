// slow.test.mjs - whoever begins and does not go on is shown out in ten seconds or so, and nobody waits for him.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { all, more, PING } from './bad_bytes.mjs';
import { GET, LOGIN, WHOLE } from './bad_heads.mjs';
import { Desk, frame, Raw } from './kit.mjs';

const DRIP_MS = 250;

/* Each: [status, the bytes, more bytes that follow one by one]; 0: closed without an answer. */
const post = (length) => `${LOGIN}Content-Length: ${length}\r\n\r\n`;
const heads = [
  [0, '', ''], [408, 'G', ''], [408, GET + WHOLE, ''], [408, `${GET}${WHOLE}\r`, ''], [408, '\xff'.repeat(100), ''],
  [408, post(100), ''], [408, `${post(100)}{"agent":"ann",`, ''], [408, 'GET /', 'a'.repeat(1000)],
  [408, `${GET}X: `, 'a'.repeat(1000)], [408, post(1000), ' '.repeat(1000)],
];

/* Each: [the code, does it say hello?, the bytes, what follows]. */
const links = [
  [4401, false, '', ''], [4401, false, frame('', { opcode: PING }), frame('', { opcode: PING })],
  [4401, false, more('{"type":'), more(' ', { opcode: 0 })],
  [4408, true, more('{"type":'), ''], [4408, true, frame('{"type":', { length: 100 }), ''],
  [4408, true, more('{"type":'), more('', { opcode: 0 })],
  [4408, true, frame('{"type":', { length: 100, key: Buffer.alloc(4) }), Buffer.from(' ')],
  [4408, true, all(more('{"type":'), frame('', { opcode: PING })), frame('', { opcode: PING })],
];

/** Something at a time, at the pace of the attack, until `over`. */
function drip(socket, piece, over) {
  const timer = setInterval(() => socket.writable && socket.write(piece), DRIP_MS);
  over.finally(() => clearInterval(timer));
}

async function slow_head(desk, [status, bytes, rest]) {
  const raw = await Raw.open(desk.server);
  raw.send(bytes.replaceAll('@', desk.server.origin));
  if (rest !== '') {
    drip(raw.socket, rest[0], raw.ended);
  }
  assert.equal((await raw.answer()).status, status, bytes);
}

async function slow_link(desk, [code, hello, bytes, rest]) {
  const link = await desk.server.link();
  if (hello) {
    await link.hello();
  }
  link.socket.write(bytes);
  const closed = link.closed();
  if (rest.length > 0) {
    drip(link.socket, rest, closed);
  }
  assert.equal(await closed, code, String(bytes));
  link.close();
}

/* Ten seconds for a head, a body, a hello or a message, and some for the machine. */
test('the slow are shown out', { timeout: 25000 }, async (t) => {
  const desk = await Desk.open(t);
  const ends = Promise.all([
    ...heads.map((one) => slow_head(desk, one)),
    ...links.map((one) => slow_link(desk, one)),
  ]);
  const talking = setInterval(() => desk.talk().catch((e) => (desk.wrong = e)), DRIP_MS);
  await ends.finally(() => clearInterval(talking));
  assert.equal(desk.wrong, undefined);
  await desk.talk();
});

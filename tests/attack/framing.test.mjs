// framing.test.mjs - bytes that break the rules of WebSocket end their own link with the right code, and no other.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { all, attacks, more, PING, PONG, rest, say } from './bad_bytes.mjs';
import { enemies, frame, numbers, sign_in, timeout } from './kit.mjs';

test('a broken frame ends its link with the documented code, and does nothing else', { timeout }, async (t) => {
  const { desk, evil, mark } = await enemies(t);
  for (const [name, codes, bytes] of attacks(evil.session)) {
    await t.test(name, { timeout: 20000 }, async () => {
      const link = await sign_in(desk, evil);
      link.socket.write(bytes);
      const [, ended] = await Promise.all([desk.talk(), link.closed()]);
      assert.ok(codes.includes(ended), `${ended}, not ${codes}`);
      assert.deepEqual(link.messages.filter((m) => m.type === 'said'), []);
      link.close();
    });
  }
  await desk.unchangedSince(mark);
});

test('a message has 64 KiB of an agent, 16 KiB of a visitor, and 64 pieces, and no more', { timeout }, async (t) => {
  const { desk, evil } = await enemies(t);
  const text = say(evil.session);
  const padded = (size) => text + ' '.repeat(size - text.length);
  const halves = (size, opcode) => all(more(padded(size).slice(0, 9), { opcode }), rest(padded(size).slice(9)));
  let index = evil.head;
  for (const [as, max] of [['visitor', 16384], ['agent', 65536]]) {
    for (const bytes of [frame(padded(max)), halves(max), frame(text, { form: 16 }), frame(text, { form: 64 }),
      all(more('{'), ...Array(62).fill(more('', { opcode: 0 })), rest(text.slice(1)))]) {
      const link = await sign_in(desk, evil, as);
      link.socket.write(bytes);
      const [, said] = await Promise.all([desk.talk(), link.next('said')]);
      assert.equal(said.index, ++index);
      evil.head = index;
      link.close();
    }
    for (const bytes of [frame(padded(max + 1)), halves(max + 1)]) {
      const link = await sign_in(desk, evil, as);
      link.socket.write(bytes);
      const [, ended] = await Promise.all([desk.talk(), link.closed()]);
      assert.equal(ended, 1009, `${as}, ${max + 1} bytes`);
    }
  }
});

test('control frames between the pieces of a message are answered, and it stays whole', { timeout }, async (t) => {
  const { desk, evil } = await enemies(t);
  const link = await sign_in(desk, evil);
  const text = say(evil.session);
  link.socket.write(all(more(text.slice(0, 5)), frame('unasked', { opcode: PONG })));
  const pings = ['', 'one', 'p'.repeat(125)];
  for (const [i, ping] of pings.entries()) {
    link.socket.write(all(frame(ping, { opcode: PING }), more(text[5 + i], { opcode: 0 })));
    while (link.pongs.length === i) {
      await link.news();
    }
  }
  link.socket.write(rest(text.slice(5 + pings.length)));
  const [, said] = await Promise.all([desk.talk(), link.next('said')]);
  assert.equal(said.index, evil.head + 1);
  assert.deepEqual(link.pongs, pings);
});

test('whatever is cut, reset or random harms nobody', { timeout }, async (t) => {
  const { desk, evil, mark } = await enemies(t);
  const seed = Number(process.env.USHER_SEED ?? Date.now() % 1e9);
  t.diagnostic(`USHER_SEED=${seed}`);
  const random = numbers(seed);
  /* The long ones are padded with blanks: with another length they would be right. */
  const known = attacks(evil.session).map(([, , bytes]) => bytes).filter((bytes) => bytes.length < 400);
  for (let i = 0; i < 150; i++) {
    const link = await sign_in(desk, evil);
    const bytes = Buffer.from(known[random(0, known.length - 1)]);
    for (let n = random(0, 4); n > 0; n--) {
      bytes[random(0, bytes.length - 1)] ^= 1 << random(0, 7);
    }
    /* Never a whole command, even if chance has put it right: at least its last byte is missing. */
    link.socket.write(bytes.subarray(0, random(0, bytes.length - 1)));
    if (random(0, 2) === 0) {
      link.socket.resetAndDestroy();
    } else {
      link.socket.end();
    }
    if (i % 5 === 0) {
      await desk.talk();
    }
  }
  await desk.talk();
  await desk.unchangedSince(mark);
});

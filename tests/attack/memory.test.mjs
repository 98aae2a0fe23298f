// memory.test.mjs - after a long attack, and thousands who came and went, the server is as large as before.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { attacks } from './bad_bytes.mjs';
import { nearly_right } from './bad_frames.mjs';
import { handshakes, requests } from './bad_heads.mjs';
import { enemies, frame, Raw, sign_in, timeout } from './kit.mjs';

const MIB = 1048576;
const ALLOWED = 8 * MIB;
const ROUNDS = 18;
/* Visitors at a time: the peak, in the warm-up and ever after. */
const WAVE = 100;
/* Links of one bad visitor at a time. */
const SOME = 30;

/* What is warm? The server grows until each of its tables has been full once, and not beyond: the ring of recent
 * facts (8 MiB), and sessions, which are kept closed so that they can be reopened, until the oldest must make room
 * for new ones. With the default of 20,000 that would take 20,000 visitors; with these, a few waves. The warm-up
 * also signs in (argon2id), and makes each kind of attack once. */
const limits = { sessions: 300, keys: 4000, links: 1000, answers: 4096, links_visitor: 64, links_agent: 64 };

function resident(desk) {
  const status = readFileSync(`/proc/${desk.server.child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024;
}

/** Only the four links of those who talk are left. */
async function quiet(desk) {
  for (;;) {
    const { body } = await desk.server.get('/metrics');
    const links = [...body.matchAll(/^usher_links\{[^}]*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    assert.ok(links >= 4, body);
    if (links === 4) {
      return;
    }
  }
}

/** Calls f(item) for all of them, some at a time. */
async function each(items, f) {
  for (let i = 0; i < items.length; i += SOME) {
    await Promise.all(items.slice(i, i + SOME).map(f));
  }
}

/** New visitors, each with a session, six messages, and an end; and three times as many who only look in. */
async function churn(desk) {
  const links = await Promise.all(Array.from({ length: WAVE }, async (_, i) => {
    const link = await desk.server.link({ from: `127.0.1.${1 + i}` });
    await link.hello();
    const body = 'm'.repeat(8192);
    link.send({ type: 'start', key: 'start', queue: 'sales', body });
    const { session } = await link.next('said');
    for (let n = 0; n < 5; n++) {
      link.send({ type: 'say', key: `say ${n}`, session, body });
      await link.next('said');
    }
    link.send({ type: 'close', key: 'close', session });
    await link.next('closed');
    return link;
  }));
  links.forEach((link) => link.close());
  for (let n = 0; n < 3; n++) {
    const guests = await Promise.all(links.map((_, i) => desk.server.link({ from: `127.0.2.${1 + i}` })));
    await Promise.all(guests.map((guest) => guest.hello()));
    guests.forEach((guest) => guest.close());
  }
}

async function bad_heads(desk) {
  await each([...handshakes, ...requests], async ([, bytes]) => {
    const raw = await Raw.open(desk.server);
    raw.send(bytes.replaceAll('@', desk.server.origin));
    assert.ok((await raw.answer()).status >= 400);
  });
}

async function bad_links(desk, evil) {
  await each(attacks(evil.session), async ([, , bytes]) => {
    const link = await sign_in(desk, evil);
    link.socket.write(bytes);
    await link.closed();
    link.close();
  });
  const frames = nearly_right(evil.session, desk.session).map(({ bytes }) => frame(bytes));
  const fives = Array.from({ length: Math.floor(frames.length / 5) }, (_, i) => frames.slice(5 * i, 5 * i + 5));
  await each(fives, async (five) => {
    const link = await sign_in(desk, evil);
    link.socket.write(Buffer.concat(five));
    link.send({ type: 'history', session: evil.session, limit: 1 });
    await Promise.race([link.closed(), link.next('history')]);
    link.close();
  });
}

/** Something to ask for. */
async function grow(evil) {
  for (let n = 0; n < 50; n++) {
    evil.visitor.send({ type: 'say', key: `long ${n}`, session: evil.session, body: 'e'.repeat(8192) });
    evil.head = (await evil.visitor.next('said')).index;
  }
}

/** Cut in the middle of a message, of a head, and of much that was asked for and never read. */
async function broken_off(desk, evil) {
  const sockets = [];
  await each(Array.from({ length: SOME }), async (_, i) => {
    const link = await sign_in(desk, evil);
    link.socket.pause();
    for (let n = 0; n < 20; n++) {
      link.send({ type: 'history', session: evil.session, limit: 100 });
    }
    link.socket.write(frame('x'.repeat(i % 2 ? 60000 : 10), { length: 60001 }));
    const raw = await Raw.open(desk.server);
    raw.send(`POST /usher/login HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n${'x'.repeat(i * 100)}`);
    sockets.push(link.socket, raw.socket);
  });
  await desk.talk();
  sockets.forEach((socket) => socket.resetAndDestroy());
}

async function attack(desk, evil) {
  await bad_heads(desk);
  await bad_links(desk, evil);
  await broken_off(desk, evil);
  await desk.talk();
  await quiet(desk);
}

test('the server is back within 8 MiB after it was attacked', { timeout }, async (t) => {
  if (process.env.SAN) {
    t.skip('a sanitizer keeps freed memory for a while, so the size says nothing');
    return;
  }
  const { desk, evil } = await enemies(t, { limits });
  await grow(evil);
  for (let n = 0; n < 4; n++) {
    await churn(desk);
  }
  await attack(desk, evil);
  const warm = resident(desk);
  let most = warm;
  for (let round = 0; round < ROUNDS; round++) {
    await churn(desk);
    await attack(desk, evil);
    most = Math.max(most, resident(desk));
  }
  const [from, to] = [warm, most].map((bytes) => (bytes / MIB).toFixed(1));
  t.diagnostic(`warm: ${from} MiB; at most ${to} MiB after any of ${ROUNDS} rounds`);
  assert.ok(most <= warm + ALLOWED, `${warm} bytes have become ${most}`);
});

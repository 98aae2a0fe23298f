/* examples.test.mjs - the embedding examples are desks: two people talk, a restart forgets nothing, Ctrl-C ends it.
 * SPDX-License-Identifier: MIT */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { Link, binary, directory } from './harness.mjs';

const bin = dirname(binary);

async function start(t, name, args) {
  const child = spawn(resolve(bin, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const desk = { child, err: '', ended: once(child, 'close').then(([code]) => code) };
  t.after(() => child.kill('SIGKILL'));
  child.stderr.on('data', (d) => (desk.err += d));
  const first = await Promise.race([once(child.stdout, 'data'), desk.ended]);
  desk.port = Number(/port (\d+)/.exec(String(first))?.[1]);
  desk.origin = `http://127.0.0.1:${desk.port}`;
  return desk;
}

for (const name of ['hello', 'own_loop']) {
  test(`${name}: a visitor and ann talk, and SIGINT ends it cleanly`, async (t) => {
    const db = join(directory(t), 'desk.db');
    const desk = await start(t, name, ['127.0.0.1:0', db]);
    const visitor = await Link.open(desk);
    const { token } = await visitor.hello();
    const ann = await Link.open(desk);
    await ann.hello('ann-token');
    ann.send({ type: 'ready', key: 'r1', on: true });
    visitor.send({ type: 'start', key: 's1', queue: 'sales', body: 'Is it blue?' });
    const { offer } = await ann.next('offer');
    ann.send({ type: 'accept', key: 'a1', offer });
    const { session } = await visitor.next('joined');
    ann.send({ type: 'say', key: 'k1', session, body: 'It is.' });
    await visitor.next('said');
    assert.equal((await visitor.next('said')).body, 'It is.');
    desk.child.kill('SIGINT');
    assert.equal(await visitor.closed(), 1012);
    assert.equal(await ann.closed(), 1012);
    assert.equal(await desk.ended, 0);
    assert.equal(desk.err, '');

    const again = await start(t, name, ['127.0.0.1:0', db]);
    const back = await Link.open(again);
    back.send({ type: 'hello', as: 'visitor', token });
    assert.equal((await back.next('hello')).token, token);
    assert.equal((await back.next('said')).body, 'Is it blue?');
    again.child.kill('SIGINT');
    assert.equal(await again.ended, 0);
  });

  test(`${name}: somebody without ann's token is not ann`, async (t) => {
    const desk = await start(t, name, ['127.0.0.1:0', join(directory(t), 'desk.db')]);
    const mallory = await Link.open(desk);
    mallory.send({ type: 'hello', as: 'agent', token: 'guess' });
    assert.equal((await mallory.next('refused')).why, 'unauthorized');
    assert.equal(await mallory.closed(), 4401);
    desk.child.kill('SIGINT');
    assert.equal(await desk.ended, 0);
  });

  test(`${name}: a database that cannot be opened is said, and ends it`, async (t) => {
    const desk = await start(t, name, ['127.0.0.1:0', join(directory(t), 'no', 'such', 'desk.db')]);
    assert.equal(await desk.ended, 1);
    assert.match(desk.err, /no\/such\/desk\.db/);
  });

  test(`${name}: an address in use is said, and ends it`, async (t) => {
    const dir = directory(t);
    const desk = await start(t, name, ['127.0.0.1:0', join(dir, 'desk.db')]);
    const second = await start(t, name, [`127.0.0.1:${desk.port}`, join(dir, 'other.db')]);
    assert.equal(await second.ended, 1);
    assert.match(second.err, /in use/i);
    desk.child.kill('SIGINT');
    assert.equal(await desk.ended, 0);
  });
}

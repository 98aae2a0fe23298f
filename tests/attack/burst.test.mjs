// burst.test.mjs - many who do the same thing in one moment disturb nobody else.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { Desk, timeout } from './kit.mjs';

const MANY = 100;

/** What these have sent meanwhile reaches the server in one moment. */
function at_once(desk, send) {
  desk.server.child.kill('SIGSTOP');
  send();
  desk.server.child.kill('SIGCONT');
}

test('visitors who all come and go in one moment cost no agent his link', { timeout }, async (t) => {
  const desk = await Desk.open(t);
  const ann = await desk.server.link();
  await ann.hello(await desk.token('ann'));
  ann.send({ type: 'ready', key: 'ready', on: true });
  await ann.next('done');
  const visitors = await Promise.all(Array.from({ length: MANY }, async () => {
    const visitor = await desk.server.link();
    await visitor.hello();
    return visitor;
  }));
  const start = (v, key) => v.send({ type: 'start', key, queue: 'sales', body: 'me first' });
  at_once(desk, () => visitors.forEach((v) => start(v, 'start')));
  const sessions = await Promise.all(visitors.map(async (v) => (await v.next('said')).session));
  const { offer } = await ann.next('offer');
  at_once(desk, () => visitors.forEach((v, i) => v.send({ type: 'close', key: 'close', session: sessions[i] })));
  await Promise.all(visitors.map((v) => v.next('closed')));
  assert.deepEqual([(await ann.next('offer_over')).offer, ann.code], [offer, null]);
  await desk.talk();
  /* All that she was offered is over, and the next one is offered to her. */
  start(visitors[0], 'start again');
  const { session } = await visitors[0].next('said');
  let last;
  do {
    last = await ann.next('offer');
  } while (last.session !== session);
  ann.send({ type: 'accept', key: 'accept', offer: last.offer });
  assert.equal((await ann.next('joined')).session, session);
});

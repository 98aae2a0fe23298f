// routing.test.mjs - routing as a shop configures it, over the real wire: who gets whom, when, and what is told of it.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { directory, run, Server, writeConfig } from './harness.mjs';

const OFFER_MS = 20000; // What a queue has that says nothing.

/** A running desk of these queues and agents; `rest` is more of the configuration. */
async function desk(t, queues, agents, rest = {}) {
  const file = writeConfig(directory(t), {
    demo: true, store: 'memory:', queues,
    agents: Object.entries(agents).map(([id, more]) => ({ id, password: `pw-${id}`, queues: queues.map((q) => q.id), ...more })),
    rates: { visitor_start: { burst: 100, refill_ms: 1 } }, // A test starts more often than a person.
    ...rest,
  });
  const s = await Server.start(t, ['--config', file]);
  return { s, agent: (id, on = true) => agent(s, id, on), visitor: () => visitor(s) };
}

/** An agent's link; ready, unless told otherwise. */
async function agent(s, id, on = true) {
  const link = await s.link();
  link.told = await link.hello(JSON.parse((await s.login(id, `pw-${id}`)).body).token);
  link.ready = async (yes) => {
    link.send({ type: 'ready', key: `ready-${link.messages.length}-${yes}`, on: yes });
    await link.next('done');
  };
  if (on) {
    await link.ready(true);
  }
  return link;
}

/** A visitor's link, which can start. */
async function visitor(s) {
  const link = await s.link();
  link.told = await link.hello();
  link.start = async (queue, more = {}) => {
    link.send({ type: 'start', key: 's', queue, body: 'Hello', ...more });
    return link.next('opened');
  };
  return link;
}

async function accept(link) {
  const offer = await link.next('offer');
  link.send({ type: 'accept', key: `a-${offer.offer}`, offer: offer.offer });
  await link.next('joined');
  return offer;
}

/** Nothing of this type has come, now that an answer to something later has. */
async function nothing(link, type) {
  link.send({ type: 'typing', key: `quiet-${type}`, session: '0'.repeat(32) });
  await link.next('refused');
  assert.deepEqual(link.messages.filter((m) => m.type === type), []);
}

const madeAt = (offer, ms = OFFER_MS) => offer.until - ms;

test('who needs a skill comes to an agent who has it, and the offer says so', async (t) => {
  const { agent, visitor } = await desk(t, [{ id: 'sales', needs: { en: 1 } }],
    { ann: { skills: { en: 3, th: 1 } }, cyd: { skills: { en: 1, th: 3 } }, sue: { skills: { th: 3 } } });
  const [ann, cyd, sue] = [await agent('ann'), await agent('cyd'), await agent('sue')];
  const guest = await visitor();
  const { session } = await guest.start('sales', { needs: { th: 2 } });
  const offer = await accept(cyd);
  assert.equal(offer.session, session);
  assert.deepEqual(offer.needs, { en: 1, th: 2 }); // his own, and the queue's
  assert.equal(offer.priority, undefined);
  await nothing(ann, 'offer');
  await nothing(sue, 'offer');
});

test('a skill that nobody has is unknown; other needs under the same key are another command', async (t) => {
  const { visitor } = await desk(t, [{ id: 'sales' }], { ann: { skills: { th: 3 } } });
  const guest = await visitor();
  const start = (needs) => guest.send({ type: 'start', key: 's', queue: 'sales', body: 'Hello', needs });
  start({ de: 1 });
  assert.deepEqual(await guest.next('refused').then(({ key, why }) => [key, why]), ['s', 'unknown']);
  start({ priority: 1 });
  assert.equal((await guest.next('refused')).why, 'unknown');
  start({ th: 1 });
  await guest.next('opened');
  start({ th: 1 });
  assert.equal((await guest.next('done')).was, 1);
  start({ th: 2 });
  assert.equal((await guest.next('refused')).why, 'key_conflict');
});

test('the most skilled is asked first, the lower tier before him', async (t) => {
  const { agent, visitor } = await desk(t, [{ id: 'sales', pick: 'most_skilled' }], {
    ann: { skills: { th: 1 }, capacity: 1 }, bea: { skills: { th: 2 }, capacity: 1 },
    cyd: { skills: { th: 3 }, capacity: 1, tiers: { sales: 1 } } });
  const links = [await agent('ann'), await agent('bea'), await agent('cyd')];
  const sessions = [];
  for (let i = 0; i < 3; i++) {
    sessions.push((await (await visitor()).start('sales', { needs: { th: 1 } })).session);
  }
  const got = await Promise.all(links.map((link) => link.next('offer')));
  assert.deepEqual(got.map((o) => sessions.indexOf(o.session)), [1, 0, 2]);
});

test('a need is relaxed at its time, not before', async (t) => {
  const { agent, visitor } = await desk(t,
    [{ id: 'thai', needs: { th: 2 }, steps: [{ after_s: 1, lower: 'th' }, { after_s: 2, drop: '*' }] }],
    { ann: {}, bea: { skills: { th: 1 }, capacity: 1 }, cyd: { skills: { th: 3 } } });
  const [ann, bea] = [await agent('ann'), await agent('bea')];
  const first = await (await visitor()).start('thai');
  const second = await (await visitor()).start('thai');
  const one = await bea.next('offer');
  const two = await ann.next('offer');
  assert.deepEqual([one.session, two.session], [first.session, second.session]);
  assert.ok(madeAt(one) - first.at >= 1000, `${madeAt(one) - first.at} ms`);
  assert.ok(madeAt(two) - second.at >= 2000, `${madeAt(two) - second.at} ms`);
  assert.deepEqual(two.needs, { th: 2 }); // as it came
});

test('two queues help one another after a while', async (t) => {
  const { agent, visitor } = await desk(t,
    [{ id: 'a', steps: [{ after_s: 1, widen: 'b' }] }, { id: 'b', steps: [{ after_s: 1, widen: 'a' }] }],
    { ann: { queues: ['a'] }, bea: { queues: ['b'] } });
  const bea = await agent('bea');
  const opened = await (await visitor()).start('a');
  const offer = await accept(bea);
  assert.equal(offer.queue, 'a');
  assert.ok(madeAt(offer) - opened.at >= 1000);
  await bea.ready(false);
  const ann = await agent('ann');
  await (await visitor()).start('b');
  assert.equal((await ann.next('offer')).queue, 'b');
});

test('without asking: it is the agent\'s at once', async (t) => {
  const { agent, visitor } = await desk(t, [{ id: 'sales', offering: 'auto' }], { ann: {} });
  const ann = await agent('ann');
  const guest = await visitor();
  const { session } = await guest.start('sales');
  assert.deepEqual((await guest.next('joined')).agent, { id: 'ann', name: 'ann' });
  assert.equal((await ann.next('opened')).session, session);
  assert.equal((await ann.next('joined')).session, session);
  await nothing(ann, 'offer');
});

test('offered to several: the first to accept has it, and the others are told', async (t) => {
  const { agent, visitor } = await desk(t, [{ id: 'sales', fanout: 2 }], { ann: {}, bea: {} });
  const [ann, bea] = [await agent('ann'), await agent('bea')];
  const { session } = await (await visitor()).start('sales');
  const [one, two] = [await ann.next('offer'), await bea.next('offer')];
  assert.equal(one.session, two.session);
  assert.notEqual(one.offer, two.offer);
  bea.send({ type: 'accept', key: 'a', offer: two.offer });
  await bea.next('joined');
  assert.deepEqual(await ann.next('offer_over'), { type: 'offer_over', offer: one.offer, session, why: 'taken' });
  assert.equal((await bea.next('offer_over')).why, 'accepted');
  ann.send({ type: 'accept', key: 'a', offer: one.offer });
  assert.equal((await ann.next('refused')).why, 'offer_over');
});

test('a head start lets the more urgent go first; strictly, always', async (t) => {
  for (const rules of [{ order: 'head_start', order_s: [0, 60] }, { order: 'strict' }]) {
    const { agent, visitor } = await desk(t, [{ id: 'sales', ...rules }, { id: 'vip', priority: 2, ...rules }], { ann: {} });
    const ann = await agent('ann', false);
    const plain = await (await visitor()).start('sales');
    const urgent = await (await visitor()).start('vip');
    await ann.ready(true);
    const first = await accept(ann);
    assert.deepEqual([first.session, first.priority], [urgent.session, 2]);
    const second = await accept(ann);
    assert.deepEqual([second.session, second.priority], [plain.session, undefined]);
  }
});

test('who waits for too long is more urgent, moves on with his age, and is sent home in the end', async (t) => {
  const { agent, visitor } = await desk(t,
    [{ id: 'sales', steps: [{ after_s: 1, priority: 5 }, { after_s: 1, move: 'returns' }] },
      { id: 'returns', steps: [{ after_s: 2, close: true }] }], { cyd: { queues: ['returns'], capacity: 1 } });
  const cyd = await agent('cyd');
  const helped = await visitor();
  const { session, at } = await helped.start('sales');
  const { at: when, ...escalated } = await helped.next('escalated');
  assert.ok(when - at >= 1000);
  assert.deepEqual(escalated, {
    type: 'escalated', session, index: 3, by: { kind: 'system' }, queue: 'sales', priority: 5, why: 'waited' });
  const { at: later, ...moved } = await helped.next('moved');
  assert.ok(later >= when);
  assert.deepEqual(moved, { type: 'moved', session, index: 4, by: { kind: 'system' }, queue: 'returns', why: 'waited' });
  const offer = await accept(cyd);
  assert.deepEqual([offer.session, offer.queue, offer.priority], [session, 'returns', 5]);
  const late = await visitor(); // the agent is full
  const opened = await late.start('returns');
  const { at: end, ...closed } = await late.next('closed');
  assert.ok(end - opened.at >= 2000);
  assert.deepEqual(closed,
    { type: 'closed', session: opened.session, index: 3, by: { kind: 'system' }, why: 'waited' });
});

test('after a session its slot is not free before the wrap-up is over', async (t) => {
  const { agent, visitor } = await desk(t, [{ id: 'sales', wrap_s: 1 }], { ann: { capacity: 1 } });
  const ann = await agent('ann');
  const [first, second] = [await visitor(), await visitor()];
  const { session } = await first.start('sales');
  await accept(ann);
  await second.start('sales');
  first.send({ type: 'close', key: 'c', session });
  const { at } = await first.next('closed');
  const offer = await ann.next('offer');
  assert.ok(madeAt(offer) - at >= 1000, `${madeAt(offer) - at} ms`);
});

test('no more than so many are served at a time, by a queue and by the desk', async (t) => {
  for (const [queue, rest] of [[{ active_max: 1 }, {}], [{}, { active_max: 1 }]]) {
    const { agent, visitor } = await desk(t, [{ id: 'sales', ...queue }], { ann: {} }, rest);
    const ann = await agent('ann');
    const [first, second] = [await visitor(), await visitor()];
    const { session } = await first.start('sales');
    await accept(ann);
    const waiting = await second.start('sales');
    await nothing(ann, 'offer');
    first.send({ type: 'close', key: 'c', session });
    await first.next('closed');
    assert.equal((await ann.next('offer')).session, waiting.session);
  }
});

test('what a session needs outlives the server', async (t) => {
  const dir = directory(t);
  const file = writeConfig(dir, {
    demo: true, store: `sqlite:${join(dir, 'desk.db')}`, queues: [{ id: 'sales', needs: { en: 1 }, priority: 4 }],
    agents: ['ann', 'cyd'].map((id, i) => (
      { id, password: `pw-${id}`, queues: ['sales'], skills: { en: 1, th: 1 + i } })) });
  const before = await Server.start(t, ['--config', file]);
  const { session } = await (await visitor(before)).start('sales', { needs: { th: 2 } });
  await before.stop();
  const after = await Server.start(t, ['--config', file]);
  const [ann, cyd] = [await agent(after, 'ann'), await agent(after, 'cyd')];
  const offer = await cyd.next('offer');
  assert.deepEqual([offer.session, offer.needs, offer.priority], [session, { en: 1, th: 2 }, 4]);
  await nothing(ann, 'offer');
});

test('a mistake is told by --check and by a start in the same words', async (t) => {
  const file = writeConfig(directory(t), {
    demo: true, store: 'memory:',
    queues: [{ id: 'sales', steps: [{ after_s: 9, move: 'returns' }] },
      { id: 'returns', steps: [{ after_s: 9, move: 'sales' }] }],
    agents: [] });
  const checked = await run(['--check', '--config', file]);
  const started = await run(['--config', file]);
  assert.deepEqual([checked.code, started.code], [1, 1]);
  assert.equal(checked.err, `${file}: queues[1].steps[0].move: makes a circle of moves with "sales"\n`);
  assert.equal(started.err, checked.err);
});

// desk.test.mjs - what only some see: pages that a visitor looks at, and a supervisor's board.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { directory, Server } from './harness.mjs';

async function desk(t) {
  const db = join(directory(t), 'desk.db');
  const s = await Server.start(t, ['--store', `sqlite:${db}`]);
  const agent = async (id) => {
    const link = await s.link();
    const login = await s.login(id, s.passwords[id]);
    assert.equal(login.status, 200);
    link.told = await link.hello(JSON.parse(login.body).token);
    return link;
  };
  const visitor = await s.link();
  visitor.told = await visitor.hello();
  return { s, db, agent, visitor };
}

async function talk(ann, visitor) {
  ann.send({ type: 'ready', key: 'r1', on: true });
  visitor.send({ type: 'start', key: 's1', queue: 'sales', body: 'Is it blue?' });
  const { offer } = await ann.next('offer');
  ann.send({ type: 'accept', key: 'a1', offer });
  await visitor.next('joined');
  return (await ann.next('joined')).session;
}

test('a page that the visitor looks at is shown to his agent, kept, and not shown to himself', async (t) => {
  const { db, agent, visitor } = await desk(t);
  const ann = await agent('ann');
  const session = await talk(ann, visitor);
  assert.ok(visitor.told.features.includes('visit'));
  const visit = { type: 'visit', key: 'v1', session, url: 'https://shop.example/mug', title: 'A mug' };
  visitor.send(visit);
  assert.deepEqual(await visitor.next('done'), { type: 'done', key: 'v1' });
  const { at, ...seen } = await ann.next('visited');
  assert.ok(Math.abs(at - Date.now()) < 60000);
  assert.deepEqual(seen, {
    type: 'visited', session, log: 'internal', index: 1, after: 3, by: { kind: 'visitor' },
    url: visit.url, title: visit.title,
  });
  visitor.send(visit);
  assert.deepEqual(await visitor.next('done'), { type: 'done', key: 'v1' });
  visitor.send({ type: 'history', key: 'h1', session });
  assert.deepEqual((await visitor.next('history')).facts.map((f) => f.type), ['opened', 'said', 'joined']);
  ann.send({ type: 'history', key: 'h2', session });
  assert.deepEqual((await ann.next('history')).facts.map((f) => f.type), ['opened', 'said', 'joined', 'visited']);
  assert.equal(execFileSync('sqlite3', [db, "SELECT body FROM facts WHERE type = 'visited'"]).toString(),
    'https://shop.example/mug\nA mug\n');
  ann.send({ ...visit, key: 'v2' });
  assert.equal((await ann.next('refused')).why, 'unknown_type');
});

test('a supervisor sees queues and agents change; nobody else does', async (t) => {
  const { agent, visitor } = await desk(t);
  const sue = await agent('sue');
  const ann = await agent('ann');
  assert.ok(sue.told.features.includes('board'));
  assert.ok(!ann.told.features.includes('board'));
  assert.ok(Math.abs(sue.told.now - Date.now()) < 60000);
  sue.send({ type: 'board', key: 'b1', on: true });
  await sue.next('done');
  const all = await sue.next('board');
  assert.deepEqual(all.queues.map((q) => [q.id, q.open, q.waiting]), [['sales', true, 0], ['returns', true, 0]]);
  assert.deepEqual(all.agents.map((a) => [a.id, a.here]),
    [['ann', true], ['bea', false], ['cyd', false], ['sue', true]]);
  await talk(ann, visitor);
  const now = { queues: {}, agents: {} };
  while (now.agents.ann?.load !== 1 || now.queues.sales?.active !== 1) {
    const { queues, agents } = await sue.next('board');
    queues.forEach((q) => (now.queues[q.id] = q));
    agents.forEach((a) => (now.agents[a.id] = a));
  }
  assert.deepEqual(now.queues.sales,
    { id: 'sales', name: now.queues.sales.name, open: true, ready: 1, waiting: 0, active: 1 });
  assert.equal(now.queues.returns, undefined);
  ann.send({ type: 'board', key: 'b2', on: true });
  assert.equal((await ann.next('refused')).why, 'unknown');
  visitor.send({ type: 'board', key: 'b3', on: true });
  assert.equal((await visitor.next('refused')).why, 'unknown_type');
  assert.ok(!ann.messages.concat(visitor.messages).some((m) => m.type === 'board'));
});

test('an agent reads back through many pages that stand between two words, none lost, none twice', async (t) => {
  const { agent, visitor } = await desk(t);
  const ann = await agent('ann');
  const session = await talk(ann, visitor);
  for (let i = 0; i < 8; i++) {
    visitor.send({ type: 'visit', key: `v${i}`, session, url: `https://shop.example/${i}` });
    await visitor.next('done');
  }
  const read = [];
  let before;
  for (let more = true; more; ) {
    ann.send({ type: 'history', key: 'h', session, limit: 3, ...(before ? { before } : {}) });
    const page = await ann.next('history');
    read.unshift(...page.facts);
    more = page.more;
    const first = (log) => read.find((f) => f.log === log)?.index;
    before = first('internal') ? [first() ?? 4, first('internal')] : first();
  }
  assert.deepEqual(read.map((f) => f.type), ['opened', 'said', 'joined', ...Array(8).fill('visited')]);
  assert.deepEqual(read.slice(3).map((f) => f.index), [...Array(8).keys()].map((i) => i + 1));
});

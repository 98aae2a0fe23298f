// bench_config.test.mjs - the bench's configuration raises the rates and caps, and nobody else's are raised.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { demo, run, Server } from './harness.mjs';

const file = (name) => fileURLToPath(new URL(`../../examples/server/${name}`, import.meta.url));
const bench = JSON.parse(readFileSync(file('bench.json'), 'utf8'));
/** What the defaults allow one visitor at once, and one address (docs/configuration.md). */
const SAYS = 10;
const LINKS = 50;

const start = (t, name) => Server.start(t, ['--config', resolve(file(name)), '--store', 'memory:']);

/** A visitor says so much at once, after the command that opened the session; the answers' types. */
async function says(server, queue, n) {
  const link = await server.link();
  await link.hello();
  link.send({ type: 'start', queue, body: 'good day', key: 'start' });
  const { session } = await link.next('opened');
  for (let i = 0; i < n; i++) {
    link.send({ type: 'say', session, body: `word ${i}`, key: `say-${i}` });
  }
  const answers = [];
  while (answers.length < n) {
    const i = link.messages.findIndex((m) => m.key?.startsWith('say-'));
    if (i >= 0) {
      answers.push(link.messages.splice(i, 1)[0]);
    } else {
      assert.equal(link.code, null, 'the link was closed');
      await new Promise((again) => {
        link.socket.once('data', () => setImmediate(again));
        link.socket.once('close', again);
      });
    }
  }
  return answers.map(({ type, why }) => why ?? type);
}

/** How many of so many links from one address are let in. */
async function links(server, n) {
  let open = 0;
  for (let i = 0; i < n; i++) {
    try {
      await (await server.link({ from: '127.0.0.7' })).hello();
      open++;
    } catch {
      break;
    }
  }
  return open;
}

test('the configurations are good', async () => {
  for (const name of ['bench.json', 'demo.json', 'routing.json']) {
    const { code, err } = await run(['--check', '--config', file(name)]);
    assert.deepEqual([code, err], [0, '']);
  }
});

test('the bench has a hundred agents for six sessions each on its first queue, in demo mode', () => {
  assert.equal(bench.demo, true);
  assert.equal(bench.agents.length, 100);
  for (const agent of bench.agents) {
    assert.ok(agent.capacity >= 6 && agent.password.length > 0);
    assert.deepEqual(agent.queues, [bench.queues[0].id]);
  }
});

test('the demo sets neither rates nor limits', () => {
  assert.deepEqual(Object.keys(demo()).sort(), ['agents', 'demo', 'listen', 'queues', 'store']);
});

test('under the bench configuration nobody is too fast, and an address has many links', async (t) => {
  const server = await start(t, 'bench.json');
  const answers = await says(server, bench.queues[0].id, 20 * SAYS);
  assert.deepEqual(new Set(answers), new Set(['said']));
  assert.equal(await links(server, 2 * LINKS), 2 * LINKS);
});

test('otherwise the defaults are on: a visitor is soon too fast, and an address has fifty links', async (t) => {
  const server = await start(t, 'demo.json');
  const answers = await says(server, demo().queues[0].id, 5 * SAYS);
  assert.ok(answers.filter((answer) => answer === 'too_fast').length >= 3 * SAYS, String(answers));
  assert.equal(await links(server, 2 * LINKS), LINKS);
});

// laws.test.mjs - what must hold of any scenario: nobody is lost, Little's law, the same luck, the same output.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { desk, example, figures, sim } from './kit.mjs';

const near = (a, b, part, what) => assert.ok(Math.abs(a - b) <= part * Math.abs(b), `${what}: ${a} is not ${b}`);

/** A day with everything in it, fewer times. */
const day = () => {
  const scenario = example('shop-day.json');
  scenario.run.replications = 30;
  return scenario;
};

test('nobody is lost: all who came were served, left, or were turned away', async () => {
  const get = await figures(day());
  for (const [of, id] of [['queues', 'sales'], ['queues', 'returns'], ['kinds', 'sales'], ['kinds', 'returns']]) {
    const parts = ['served', 'abandoned', 'turned_away', 'turned_closed'].map((name) => get(of, id, name).value);
    near(parts.reduce((a, b) => a + b), 1, 1e-9, `${of}.${id}`);
  }
});

test("Little's law: the line is as long as arrivals times their wait", async () => {
  const scenario = desk({ run: { length: '20000m', warm_up: '50m', batches: 20, seed: 3 } });
  scenario.kinds[0].patience = { exp: '2m' };
  const get = await figures(scenario);
  const value = (name) => get('queues', 'desk', name).value;
  near(value('line'), value('arrivals') / 3600 * value('wait'), 0.001, 'line');
  near(value('served') * value('arrivals') / 3600 * value('handling') / 10, get('agents', 'all', 'occupancy').value, 0.002, 'occupancy');
});

test('the same seed says the same to the byte, another seed something else', async () => {
  const args = ['--quiet', '--csv', '-'];
  const [one, two] = [await sim(day(), args), await sim(day(), args)];
  const other = await sim(day(), [...args, '--set', 'run.seed=2']);
  assert.equal(one.out, two.out);
  assert.notEqual(one.out, other.out);
});

test('with other staff the same sessions come: another number of agents changes no arrival', async () => {
  const few = await figures(day());
  const many = await figures(day(), ['--set', 'agents.early.shifts.0.count=9', '--set', 'agents.late.miss=0.5']);
  for (const hour of ['08:00', '12:00', '19:00']) {
    assert.equal(few('kinds', 'sales', 'arrivals', hour).value, many('kinds', 'sales', 'arrivals', hour).value, hour);
  }
  assert.notEqual(few('queues', 'sales', 'wait').value, many('queues', 'sales', 'wait').value);
});

test('another kind of session, added at the end, changes no arrival of the others', async () => {
  const alone = desk();
  const both = desk({ queues: [{ id: 'desk' }, { id: 'more' }] });
  both.kinds.push({ queue: 'more', arrivals: '1/m', handling: '10s' });
  const [a, b] = [await figures(alone), await figures(both)];
  assert.equal(a('kinds', 'desk', 'arrivals').value, b('kinds', 'desk', 'arrivals').value);
  assert.equal(a('queues', 'desk', 'wait').value, b('queues', 'desk', 'wait').value, 'nor any wait');
});

test('replications and batches agree', async () => {
  const scenario = desk();
  scenario.kinds[0].patience = { exp: '1m' };
  const one = await figures({ ...scenario, run: { length: '10000m', warm_up: '30m', batches: 25, seed: 5 } });
  const many = await figures({ ...scenario, run: { length: '400m', warm_up: '30m', replications: 25, seed: 6 } });
  for (const name of ['wait', 'abandoned', 'within_20s', 'wait_p90']) {
    const [a, b] = [one('queues', 'desk', name), many('queues', 'desk', name)];
    assert.ok(Math.abs(a.value - b.value) <= 4 * Math.hypot(a.error, b.error), `${name}: ${a.value} and ${b.value}`);
  }
});

test('batches that are too short for their errors are told', async () => {
  const scenario = desk({ run: { length: '400m', warm_up: '500m', batches: 64, seed: 2 } });
  scenario.kinds[0].arrivals = '9.8/m';
  assert.match((await sim(scenario)).out, /waits of one batch are much like those of the next \(queue desk/);
  scenario.kinds[0].arrivals = '5/m';
  scenario.run.length = '10000m';
  assert.doesNotMatch((await sim(scenario)).out, /much like/);
});

test('more waiting sessions than there was room for at first: it begins again, and they are all counted', async () => {
  const scenario = desk({ run: { length: '30m', drain: '0s', batches: 20, seed: 1 } });
  scenario.kinds[0].arrivals = '1000/m';
  const { code, out } = await sim(scenario);
  assert.equal(code, 0, out);
  assert.match(out, /29[6-9]\d\d sessions had not ended/);
});

test('precision: it goes on until it is reached, or says that it was not', async () => {
  const scenario = desk({ run: { length: '500m', warm_up: '30m', seed: 1, precision: { wait: 0.05 } } });
  scenario.kinds[0].patience = { exp: '1m' };
  const wait = (await figures(scenario))('queues', 'desk', 'wait');
  assert.ok(wait.error <= 0.05 * wait.value);
  scenario.run.precision = { wait: 0.0001 };
  scenario.run.sessions_max = 20000;
  const { out } = await sim(scenario);
  assert.match(out, /NOT as precise as asked/);
});

// scenario.test.mjs - a scenario that is wrong is refused with one line that says where and what.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { command, desk, example, figures, names, sim } from './kit.mjs';

const kind = (more) => desk({ kinds: [{ queue: 'desk', arrivals: '8/m', handling: '1m', ...more }] });
const group = (more) => desk({ agents: [{ id: 'all', queues: ['desk'], ...more }] });
const queue = (more) => desk({ queues: [{ id: 'desk', ...more }] });
const run = (more) => desk({ run: { length: '10m', ...more } });

const wrong = [
  ['{"run": }', 'not JSON at line 1, column 9'],
  ['{}\n{}', 'not JSON at line 2, column 1'],
  [[], 'must be an object'],
  [{}, 'run: is missing'],
  [desk({ quues: [] }), 'quues: unknown key'],
  ['{"title": "a", "title": "b", "run": {}}', 'title: is there twice'],
  [run({ length: 10 }), 'run.length: must be a time with its unit, such as "90s", "3m" or "1h30m"'],
  [run({ length: '10 m' }), 'run.length: must be a time with its unit, such as "90s", "3m" or "1h30m"'],
  [run({ batches: 3 }), 'run.batches: must be a whole number from 20 to 64'],
  [run({ batches: 20, replications: 5 }), 'run.batches: goes without replications'],
  [run({ start: '25:00' }), 'run.start: must be a time of day, such as "09:30"'],
  [run({ within: ['20s', 5] }), 'run.within[1]: must be a time with its unit, such as "90s", "3m" or "1h30m"'],
  [desk({ queues: [] }), 'queues: must not be empty'],
  [desk({ queues: [{ id: 'Desk' }] }), 'queues[0].id: must be 1 to 31 of a-z 0-9 . _ -, not "Desk"'],
  [desk({ queues: [{ id: 'desk' }, { id: 'desk' }] }), 'queues[1].id: is there twice: "desk"'],
  [desk({ queues: [{ id: 'desk', waiting_max: 0 }] }), 'queues[0].waiting_max: must be a whole number from 1 to 16000000'],
  [kind({ queue: 'dsk' }), 'kinds[0].queue: no such queue "dsk"'],
  [kind({ arrivals: '8' }), 'kinds[0].arrivals: must be a rate, such as "200/h", "8/m" or "1/250s"'],
  [kind({ arrivals: { poisson: '8/m', gap: '3s' } }), 'kinds[0].arrivals: must have one of poisson, gap, at'],
  [kind({ arrivals: { poisson: ['1/h', '2/h'], wave: 0.5 } }), 'kinds[0].arrivals.wave: goes with one rate in "poisson"'],
  [kind({ arrivals: { at: ['5s', '4s'] } }), 'kinds[0].arrivals.at[1]: is before the one before it'],
  [kind({ handling: { exp: '1m', fixed: '1m' } }), 'kinds[0].handling: must have one of fixed, exp, erlang'],
  [kind({ handling: { erlang: { mean: '1m' } } }), 'kinds[0].handling.erlang.k: is missing'],
  [kind({ handling: { mix: [{ p: 0.5, of: '1m' }] } }), 'kinds[0].handling.mix: the p must add up to 1'],
  [kind({ handling: { list: ['1m'], weights: [1, 2] } }), 'kinds[0].handling.weights: must be a list as long as "list"'],
  [kind({ handling: { lognormal: { mean: '1m' } } }), 'kinds[0].handling.lognormal: needs either mean or median, and either cv or sigma'],
  [kind({ transfers: [{ to: 'desk', p: 0.6 }, { to: 'desk', p: 0.6 }] }), 'kinds[0].transfers: the p of one queue add up to more than 1: "desk"'],
  [group({ count: 3, shifts: [{ from: '08:00', to: '09:00', count: 1 }] }), 'agents[0].shifts: goes without count'],
  [group({ shifts: [{ from: '08:00', to: '08:00', count: 1 }] }), 'agents[0].shifts[0]: from and to are the same'],
  [group({ miss: 0.7, decline: 0.7 }), 'agents[0].decline: with miss it is more than 1'],
  [group({ queues: ['dsk'] }), 'agents[0].queues[0]: no such queue "dsk"'],
  [group({ capacity: 2, wrap_up: '5s' }), 'agents[0].wrap_up: goes with capacity 1; else use a queue\'s wrap_s'],
  [group({ tiers: { desk: 256 } }), 'agents[0].tiers.desk: must be a whole number from 0 to 255'],
  [group({ tiers: { other: 1 } }), 'agents[0].tiers.other: they do not serve this queue'],
  [queue({ needs: { de: 1 } }), 'queues[0].needs: no agents have this skill: "de"'],
  [group({ skills: { de: 0 } }), 'agents[0].skills.de: must be a whole number from 1 to 255'],
  [kind({ needs: { de: 3 } }), 'kinds[0].needs: no agents have this skill: "de"'],
  [kind({ priority: 8 }), 'kinds[0].priority: must be a whole number from 0 to 7'],
  [queue({ order: 'lifo' }), 'queues[0].order: must be one of fifo head_start strict deadline slope'],
  [queue({ order_s: [1] }), 'queues[0].order_s: goes with the orders head_start and deadline only'],
  [queue({ order: 'head_start', order_s: [0, 1, 2, 3, 4, 5, 6, 7, 8] }), 'queues[0].order_s: must be a list of at most 8, by priority'],
  [queue({ order_slopes: [1] }), 'queues[0].order_slopes: goes with the order slope only'],
  [queue({ order: 'deadline' }), 'queues[0].order_s: is missing: the order needs it'],
  [queue({ steps: [{ after_s: 5, drop: '*', by: 2 }] }), 'queues[0].steps[0].by: goes with lower only'],
  [queue({ steps: [{ after_s: 5 }] }), 'queues[0].steps[0]: must have one of lower, drop, widen, priority, move, close'],
  [queue({ steps: [{ after_s: 5, close: true }, { after_s: 4, drop: '*' }] }), 'queues[0].steps[1].after_s: is before that of the step before'],
  [queue({ steps: [{ after_s: 5, move: 'dsk' }] }), 'queues[0].steps[0]: no such queue "dsk"'],
  [queue({ steps: [{ after_s: 5, drop: 'de' }] }), 'queues[0].steps: no agents have this skill: "de"'],
  [desk({ queues: ['desk', 'b', 'c'].map((id, i) => ({ id, steps: [{ after_s: 5, move: ['b', 'c', 'desk'][i] }] })) }),
    'queues[0].steps: lead in a circle'],
  [desk({ expect: { 'queues.desk.wait': '5' } }), 'expect.queues.desk.wait: must be a time with its unit'],
];

test('what is wrong is said in one line: where, and what', async () => {
  for (const [scenario, message] of wrong) {
    const { code, out, err } = await sim(scenario, ['--check']);
    assert.ok(err.startsWith(`usher-sim: -: ${message}`), `${err}, not ${message}`);
    assert.deepEqual([code, out, err.split('\n').length], [1, '', 2], message);
  }
});

test('every example is good', async () => {
  for (const name of names()) {
    assert.deepEqual(await sim(example(name), ['--check']), { code: 0, out: '', err: '' }, name);
  }
});

test('--set changes, adds, and finds things by id or number', async () => {
  const good = ['agents.all.count=3', 'agents[0].count=3', 'agents.0.ring={"exp": "5s"}', 'title=another one'];
  for (const change of good) {
    assert.equal((await sim(desk(), ['--check', '--set', change])).code, 0, change);
  }
  const { out } = await sim(desk(), ['--set', 'title=another one', '--set', 'run.length=1m']);
  assert.match(out, /^another one\n/);
  const bad = [
    ['agents.nobody.count=3', '--set agents.nobody.count=3: there is no such place'],
    ['agents.all.count', '--set agents.all.count: must be PATH=VALUE'],
    ['agents.all.count=x', '-: agents[0].count: must be a number'],
  ];
  for (const [change, message] of bad) {
    assert.deepEqual(await sim(desk(), ['--check', '--set', change]), { code: 1, out: '', err: `usher-sim: ${message}\n` });
  }
});

test('--config takes queues and agents over from a server', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'usher-sim-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'usher.json');
  const config = {
    demo: true, timers: { missed_max: 3, place_s: 5 }, queues: [{ id: 'desk', name: 'Desk', waiting_max: 1, reopen_s: 60 }, { id: 'more' }],
    agents: [{ id: 'ann', name: 'Ann', password: 'x', queues: ['desk', 'more'], skills: { de: 2 } }, { id: 'bea', queues: [], password: 'y' }],
  };
  writeFileSync(file, JSON.stringify(config));
  const scenario = desk({ agents: [{ id: 'ann', queues: ['desk'], capacity: 1, ring: '2s' }] });
  const before = await figures(scenario);
  const after = await figures(scenario, ['--config', file]);
  assert.equal(before('queues', 'desk', 'turned_away').value, 0);
  assert.ok(after('queues', 'desk', 'turned_away').value > 0.05, 'one may wait');
  assert.equal(after('queues', 'more', 'arrivals').value, 0, 'a queue of the server is there, too');
  assert.ok(after('agents', 'ann', 'took').value > 2 * before('agents', 'ann', 'took').value, 'six at a time');
  assert.equal((await sim(scenario, ['--check', '--config', file, '--set', 'agents.ann.capacity=33'])).code, 1, '--set comes after it');
  writeFileSync(file, '{"queues": []}');
  const { code, err } = await sim(scenario, ['--config', file]);
  assert.deepEqual([code, err], [1, `usher-sim: ${file}: is no configuration with queues and agents\n`]);
});

test('the command line is checked', async () => {
  for (const args of [[], ['a', 'b'], ['--csv'], ['--csv', 'a', '--csv', 'b', 'c'], ['--what', 'a'], ['--check=1', 'a'],
    ['--history', 'a'], ['--history', 'a', '--day', '2026-11-23', 'b']]) {
    const { code, err } = await command(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, /usage: usher-sim/);
  }
  assert.match((await command(['--version'])).out, /^usher-sim \d+\.\d+\.\d+\n$/);
  assert.match((await command(['--help'])).out, /^usage: usher-sim/);
  assert.match((await command(['/nowhere/at/all.json'])).err, /^usher-sim: \/nowhere\/at\/all\.json: No such file/);
});

test('--compare runs once for each value, and more agents wait less', async () => {
  const { code, out } = await sim(desk(), ['--compare', 'agents.all.count=9..11']);
  const waits = out.split('\n').filter((line) => / desk /.test(line)).map((line) => parseFloat(line.split(/\s+/)[2]));
  assert.equal(code, 0);
  assert.equal(waits.length, 3);
  assert.ok(waits[0] > waits[1] && waits[1] > waits[2], out);
  const [more] = out.split('\n').filter((line) => /^ {30}/.test(line) && / s \u00b1/.test(line));
  const [, difference, error] = more.match(/(-[\d.]+) s \u00b1 ([\d.]+)/);
  assert.ok(Math.abs(Number(difference) - (waits[1] - waits[0])) < 0.2, more);
  const alone = Number(out.match(/^9 .* s \u00b1 ([\d.]+)/m)[1]);
  assert.ok(Number(error) < alone, 'the same luck makes a difference better known than the first figure');
});

test('the page stands for itself, and says the text of the scenario as text', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'usher-sim-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'page.html');
  const scenario = { ...example('shop-day.json'), title: '<b>a & b</b>' };
  const { code } = await sim(scenario, ['--quiet', '--html', file, '--set', 'run.replications=3']);
  const page = readFileSync(file, 'utf8');
  assert.equal(code, 0);
  assert.ok(existsSync(file));
  assert.match(page, /&lt;b&gt;a &amp; b&lt;\/b&gt;/);
  assert.doesNotMatch(page, /<script|https?:|<b>|NaN|nan|inf"/);
  assert.ok(page.match(/<svg /g).length >= 10);
});

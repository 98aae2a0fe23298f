// random.test.mjs - desks with anything in them, at random: they run to the end, nobody is lost, and Little's law holds.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { figures, share } from './kit.mjs';

const first = Number(process.env.USHER_SEED ?? Date.now() % 1e9);
const count = Math.ceil(Number(process.env.USHER_SCENARIOS ?? 40) * share);

/** A small generator: mulberry32. */
function luck(seed) {
  let a = seed >>> 0;
  const unit = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const from = (least, most) => least + Math.floor(unit() * (most - least + 1));
  return { unit, from, one: (...of) => of[from(0, of.length - 1)], maybe: (p) => unit() < p };
}

function duration(l, mean) {
  const s = (x) => `${x.toFixed(3)}s`;
  return l.one(
    s(mean), { exp: s(mean) }, { erlang: { mean: s(mean), k: l.from(2, 5) } }, { gamma: { mean: s(mean), cv: 0.5 } },
    { lognormal: { mean: s(mean), cv: 1 + l.unit() } }, { uniform: ['0s', s(2 * mean)] }, { weibull: { mean: s(mean), shape: 0.8 } },
    { hyperexp: { mean: s(mean), cv: 1.5 } }, { list: [s(mean / 2), s(mean), s(mean * 2)], weights: [3, 2, 1] },
    { mix: [{ p: 0.3, of: s(mean) }, { p: 0.7, of: { exp: s(mean), plus: '1s', at_most: s(9 * mean) } }] },
  );
}

function queue(l, ids, i) {
  const q = { id: ids[i], offer_s: l.from(5, 60) };
  if (l.maybe(0.3)) q.waiting_max = l.from(1, 60);
  q.order = l.one('fifo', 'fifo', 'head_start', 'strict', 'deadline', 'slope');
  if (q.order === 'head_start' || q.order === 'deadline') q.order_s = [l.from(0, 300), l.from(0, 60), l.from(0, 30)];
  if (q.order === 'slope') q.order_slopes = [1000, l.from(1000, 2000), 4000];
  q.pick = l.one('least_loaded', 'longest_idle', 'round_robin', 'most_skilled', 'pack', 'fewest', 'random');
  q.offering = l.one('ask', 'ask', 'auto');
  if (l.maybe(0.3)) q.fanout = l.from(2, 8);
  if (l.maybe(0.2)) q.cost = 2;
  if (l.maybe(0.2)) q.drain_s = l.from(10, 100);
  if (l.maybe(0.2)) q.wrap_s = l.from(1, 40);
  if (l.maybe(0.1)) q.active_max = l.from(1, 8);
  if (l.maybe(0.2)) q.hours = [{ from: '01:00', to: '05:30' }, { from: '07:00', to: '00:15' }];
  q.steps = [];
  for (let age = l.from(5, 60); q.steps.length < 4 && l.maybe(0.6); age += l.from(0, 60)) {
    const later = ids.slice(i + 1);
    const kinds = [{ lower: '*' }, { lower: 'de', by: 2 }, { drop: 'wine' }, { drop: '*' }, { priority: l.from(1, 7) }, { close: true }];
    q.steps.push({ after_s: age, ...l.one(...kinds, ...later.map((move) => ({ move })), ...later.map((widen) => ({ widen }))) });
  }
  if (q.steps.length === 0) delete q.steps;
  if (l.maybe(0.1)) q.needs = { wine: 1 };
  if (l.maybe(0.1)) q.priority = l.from(1, 7);
  return q;
}

function kind(l, ids, i) {
  const to = l.one(...ids);
  const arrivals = l.one(
    `${l.from(30, 240)}/h`, { poisson: [`${l.from(0, 200)}/h`, '0/h', `${l.from(10, 300)}/h`] },
    { poisson: `${l.from(30, 200)}/h`, wave: 0.7, period: '2h' }, { gap: duration(l, 30), batch: l.from(1, 3) },
    { poisson: `${l.from(10, 60)}/h`, batch: { geometric: 2.5 } },
  );
  const k = { id: `kind${i}`, queue: to, arrivals, handling: duration(l, l.from(5, 300)), priority: l.from(0, 7) };
  if (l.maybe(0.8)) k.patience = l.one(duration(l, l.from(5, 600)), '0s', { mix: [{ p: 0.5, of: 'never' }, { p: 0.5, of: { exp: '2m' } }] });
  if (l.maybe(0.4)) k.needs = l.one({ de: 2 }, { wine: 1 }, { de: 1, wine: 3 });
  if (l.maybe(0.4)) k.transfers = [{ to: l.one(...ids), p: 0.3, handling: duration(l, 60) }, { from: l.one(...ids), to: l.one(...ids), p: 0.2 }];
  return k;
}

function group(l, ids, i) {
  const g = { id: `group${i}`, queues: ids.filter(() => l.maybe(0.6)) };
  if (g.queues.length === 0) g.queues = [l.one(...ids)];
  g.tiers = Object.fromEntries(g.queues.filter(() => l.maybe(0.3)).map((id) => [id, l.from(0, 3)]));
  if (l.maybe(0.5)) g.count = l.from(1, 12);
  else if (l.maybe(0.5)) g.count = [l.from(0, 5), l.from(0, 9), 3];
  else g.shifts = [{ from: '00:30', to: '04:00', count: l.from(1, 6) }, { from: '03:00', to: '00:00', count: l.from(1, 6) }];
  g.capacity = l.from(1, 6);
  g.skills = { de: l.from(1, 4), wine: l.from(1, 4) };
  if (l.maybe(0.3)) g.slow = [1, 1.2, 1.5];
  if (l.maybe(0.6)) g.ring = duration(l, l.from(1, 20));
  if (l.maybe(0.4)) g.miss = 0.3 * l.unit();
  if (l.maybe(0.4)) g.decline = 0.3 * l.unit();
  if (g.capacity === 1 && l.maybe(0.5)) g.wrap_up = duration(l, 20);
  if (l.maybe(0.3)) g.weight = l.from(1, 9);
  return g;
}

function scenario(seed) {
  const l = luck(seed);
  const ids = ['a', 'b', 'c', 'd'].slice(0, l.from(1, 4));
  return {
    run: { start: '00:00', length: '16h', warm_up: '1h', drain: '30h', seed, estimates: l.maybe(0.5), each: l.maybe(0.5) ? '1h' : undefined,
      ...(l.maybe(0.5) ? { replications: 2 } : {}) },
    desk: { missed_max: l.from(1, 3), active_max: l.maybe(0.2) ? l.from(2, 20) : undefined },
    queues: ids.map((_, i) => queue(l, ids, i)),
    kinds: Array.from({ length: l.from(1, 4) }, (_, i) => kind(l, ids, i)),
    agents: Array.from({ length: l.from(1, 3) }, (_, i) => group(l, ids, i)),
  };
}

test(`${count} desks at random, from seed ${first}`, async (t) => {
  console.log(`# seed ${first}`);
  for (let i = 0; i < count; i++) {
    const s = scenario(first + i);
    let get;
    try {
      get = await figures(s);
    } catch (error) {
      assert.fail(`seed ${first + i}: ${error.message}\n${JSON.stringify(s)}`);
    }
    for (const [of, ids] of [['queues', s.queues.map((q) => q.id)], ['kinds', s.kinds.map((k) => k.id)]]) {
      for (const id of ids) {
        const value = (name) => get(of, id, name).value;
        const parts = ['served', 'abandoned', 'turned_away', 'turned_closed', 'timed_out', ...(of === 'queues' ? ['overflowed'] : [])];
        const sum = parts.reduce((n, name) => n + value(name), 0);
        const shown = `seed ${first + i}: ${of}.${id}`;
        assert.ok(value('arrivals') === 0 || sum <= 1 + 1e-9, `${shown}: ${sum}`);
        const finite = s.kinds.every((k) => k.patience && !k.patience.mix);
        if (finite && value('arrivals') > 0) {
          assert.ok(sum > 1 - 1e-9, `${shown}: ${1 - sum} are lost`);
          /* The two ends of the time that is measured weigh a little. */
          const little = value('arrivals') / 3600 * (1 - value('turned_away') - value('turned_closed')) * (value('wait') ?? 0);
          assert.ok(Math.abs(little - value('line')) <= 0.05 * (little + 1), `${shown}: ${little} and ${value('line')}`);
        }
      }
    }
    for (const g of s.agents) {
      const occupancy = get('agents', g.id, 'occupancy').value;
      assert.ok(occupancy === null || (occupancy >= 0 && occupancy <= 1 + 1e-9), `seed ${first + i}: ${g.id} ${occupancy}`);
    }
  }
});

// part_relay.mjs - (b): usher-server with SQLite FULL beside a bare libwebsockets relay and a raw durable one.
// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { config, folder, listen, measure, program, signIn, stop, usher } from './place.mjs';
import { figure } from './report.mjs';

const AGENT_SESSIONS = 6;
const LWS = 'bare lws';
const RAW = 'raw epoll+SQLite';
/** Goals are judged at so many pairs. */
const JUDGED = 500;
const GOALS = [
  { window: 1, name: 'cpu_us', against: LWS, goal: { most: 1.3 } },
  { window: 1, name: 'rate', against: LWS, goal: { least: 0.8 } },
  { window: 1, name: 'rate', against: RAW, goal: { least: 0.7, beyond: true } },
  { window: 16, name: 'rate', against: LWS, goal: { least: 2 } },
  { window: 16, name: 'rate', against: RAW, goal: { least: 0.4 } },
  { window: 16, name: 'cpu_us', against: LWS, goal: { most: 0.6 } },
];
/** Cores that others may use in a round that counts as quiet. */
const QUIET = 0.2;
const ROUNDS_LEAST = 5;

/** The three servers, with agents signed in; fn gets load's arguments for them. */
async function withServers(pairs, names, fn) {
  const store = (name) => join(folder, `${name}-${pairs}.db`);
  const servers = [];
  try {
    const args = [];
    for (const name of names) {
      const child = name === 'usher' ? await usher(`sqlite:${store(name)}`)
        : name === 'lws' ? await listen(program('relay_lws'), [])
          : await listen(program('relay_epoll'), [store(name)]);
      servers.push(child);
      args.push(`${name}:${child.port}:${child.pid}`);
      if (name === 'usher') {
        const tokens = await signIn(child, Math.ceil(pairs / AGENT_SESSIONS));
        args.unshift('--tokens', tokens, '--queue', config.queues[0].id);
      }
    }
    return await fn(['--pairs', pairs, ...args], servers);
  } finally {
    await Promise.all(servers.map((child) => stop(child, 'SIGKILL')));
  }
}

/**
 * The rounds in which others hardly used the machine, and at least the five quietest: they
 * are chosen by what others did, never by what came out.
 */
function quiet(lines) {
  const others = new Map();
  for (const { round, others_busy: busy } of lines) {
    others.set(round, Math.max(others.get(round) ?? 0, busy));
  }
  const order = [...others.keys()].sort((a, b) => others.get(a) - others.get(b));
  const kept = new Set(order.filter((round, i) => i < ROUNDS_LEAST || others.get(round) <= QUIET));
  return {
    lines: lines.filter(({ round }) => kept.has(round)),
    others: Math.max(...[...kept].map((round) => others.get(round))),
  };
}

function figures(all, pairs, window) {
  const label = `${pairs} pairs, window ${window}`;
  const notes = [];
  const { lines, others } = quiet(all.filter((line) => line.window === window));
  const of = (target, name) => lines.filter((line) => line.target === target).map((line) => line[name]);
  if (others > QUIET) {
    notes.push(`other programs used up to ${others.toFixed(2)} cores meanwhile`);
  }
  if (Math.max(...of('epoll', 'load_busy')) > 0.95) {
    notes.push('the load generator was the limit for the raw relay');
  }
  const goal = (name, against) =>
    GOALS.find((g) => pairs === JUDGED && g.window === window && g.name === name && g.against === against)?.goal;
  return [['rate', 'delivered', '/s'], ['cpu_us', 'CPU a message', 'µs'], ['p50_us', 'p50', 'µs'],
    ['p99_us', 'p99', 'µs'], ['bytes_in', 'bytes in', 'B'], ['bytes_out', 'bytes out', 'B'],
  ].map(([name, words, unit]) => figure('relay', `${label}: ${words}`, unit, of('usher', name), {
    baselines: [[LWS, 'lws'], [RAW, 'epoll']].map(([against, target]) => (
      { name: against, rounds: of(target, name), goal: goal(name, against) })),
    doubt: others > QUIET,
    note: notes.length > 0 ? `${label}: ${notes.join('; ')}` : undefined,
  }));
}

export async function relay({ rounds, quick }) {
  const made = [];
  const times = quick ? ['--warm', 100, '--ms', 400] : ['--warm', 200, '--ms', 800];
  for (const pairs of [50, JUDGED]) {
    const lines = await withServers(pairs, ['usher', 'lws', 'epoll'], (args) =>
      measure('load', program('load'), ['--rounds', rounds, '--windows', '1,16', ...times, ...args]));
    for (const window of [1, 16]) {
      made.push(...figures(lines, pairs, window));
    }
  }
  return made;
}

/** One cell by itself, for a profiler: the process to look at is printed first. */
export async function cell(target, pairs, window, seconds) {
  await withServers(pairs, [target], async (args, [child]) => {
    console.log(`${target}: pid ${child.pid}`);
    await measure('load', program('load'),
      ['--rounds', seconds, '--windows', window, '--warm', 200, '--ms', 1000, ...args], console.log);
  });
}

// kit.mjs - runs usher-sim on scenarios and reads its figures.
// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const binary = resolve(root, process.env.USHER_SIM ?? 'build/bin/usher-sim');
const examples = join(root, 'examples/whatif');
/** Of the length that a scenario has, for the sake of time; errors are told, so tests hold for any. */
export const share = process.env.SAN ? 0.1 : 0.6;

export const names = () => readdirSync(examples).filter((name) => name.endsWith('.json'));
export const example = (name) => JSON.parse(readFileSync(join(examples, name), 'utf8'));

/** Run to the end on a scenario that is given to standard input: { code, out, err }. */
export async function sim(scenario, args = []) {
  const child = spawn(binary, [...args, '-']);
  let out = '';
  let err = '';
  child.stdout.on('data', (d) => (out += d));
  child.stderr.on('data', (d) => (err += d));
  child.stdin.on('error', () => {});
  child.stdin.end(typeof scenario === 'string' ? scenario : JSON.stringify(scenario));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

/** Run with other arguments: { code, out, err }. */
export async function command(args) {
  const child = spawn(binary, args);
  let out = '';
  let err = '';
  child.stdout.on('data', (d) => (out += d));
  child.stderr.on('data', (d) => (err += d));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

/** All figures: get('queues', 'desk', 'wait', '09:00') is { value, error }. */
export async function figures(scenario, args = []) {
  const { code, out, err } = await sim({ ...scenario, expect: undefined }, ['--quiet', '--csv', '-', ...args]);
  if (code !== 0) {
    throw new Error(`exit ${code}: ${err}`);
  }
  const rows = new Map();
  for (const row of out.trim().split('\n').slice(1)) {
    const [of, id, from, figure, , value, error] = row.split(',');
    rows.set([of, id, figure, from].join(), { value: value === '' ? null : Number(value), error: Number(error) });
  }
  return (of, id, figure, from = '') => rows.get([of, id, figure, from].join());
}

/** A desk with one queue and one group, to start from. */
export const desk = (more = {}) => ({
  run: { length: '1000m', batches: 20, seed: 7 },
  queues: [{ id: 'desk' }],
  kinds: [{ queue: 'desk', arrivals: '8/m', handling: { exp: '1m' } }],
  agents: [{ id: 'all', count: 10, queues: ['desk'] }],
  ...more,
});

// part_ready.mjs - (d): from the start of the process to the first 200 of /healthz, on a full store and an empty one.
// SPDX-License-Identifier: MIT
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, folder, measure, program, request, stop, usher } from './place.mjs';
import { figure } from './report.mjs';

const SESSIONS = 100000;
const DAY_MS = 86400000;

/** A store is good for a day, and for the program that made it. */
async function full(sessions) {
  const dir = join(build, 'bench');
  const made = Math.floor(statSync(program('ready')).mtimeMs);
  const name = `ready-${sessions}-${made}-${Math.floor(Date.now() / DAY_MS)}.db`;
  for (const old of readdirSync(dir).filter((f) => f.startsWith('ready-') && !f.startsWith(name))) {
    rmSync(join(dir, old));
  }
  const file = join(dir, name);
  if (!existsSync(file)) {
    const fresh = join(folder, 'ready.db');
    await measure('load', program('ready'), [fresh, sessions, sessions]);
    renameSync(fresh, file);
  }
  return file;
}

async function time(store) {
  const began = performance.now();
  const child = await usher(store);
  const { status } = await request(child.port, 'GET', '/healthz');
  const ms = performance.now() - began;
  await stop(child);
  if (status !== 200) {
    throw new Error(`/healthz is ${status}`);
  }
  return ms;
}

export async function ready({ rounds, quick }) {
  const sessions = quick ? SESSIONS / 10 : SESSIONS;
  const file = await full(sessions);
  const laden = [];
  const empty = [];
  for (let round = 0; round < rounds; round++) {
    laden.push(await time(`sqlite:${file}`));
    empty.push(await time(`sqlite:${join(folder, `empty-${round}.db`)}`));
  }
  return [figure('ready', `ready with ${sessions} open sessions of 10 facts, ${10 * sessions} closed facts`, 'ms', laden, {
    baselines: [{ name: 'an empty store', rounds: empty }], goal: { most: 2000 },
  })];
}

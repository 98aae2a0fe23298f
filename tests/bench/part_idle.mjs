// part_idle.mjs - (c): what a link of a visitor who has said hello, and no more, takes in memory.
// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { listen, program, resident, start, stop, usher } from './place.mjs';
import { figure } from './report.mjs';

const LINKS = 10000;

/** Open the links, look, and let them go. */
async function grown(child, name, links) {
  const before = resident(child);
  const load = start('load', program('load'), ['--idle', links, `${name}:${child.port}:${child.pid}`],
    ['pipe', 'pipe', 'pipe']);
  const opened = await Promise.race([once(load.stdout, 'data'), load.ended]);
  if (typeof opened === 'number') {
    throw new Error(`load ended with ${opened}: ${load.errors.trim()}`);
  }
  const bytes = (resident(child) - before) / links;
  await stop(child, 'SIGKILL');
  load.stdin.end();
  await load.ended;
  return bytes;
}

export async function idle({ rounds, quick }) {
  const ours = [];
  const bare = [];
  const links = quick ? LINKS / 10 : LINKS;
  for (let round = 0; round < rounds; round++) {
    ours.push(await grown(await usher('memory:'), 'usher', links));
    bare.push(await grown(await listen(program('relay_lws'), []), 'lws', links));
  }
  return [figure('idle', `memory an idle link, ${links} links`, 'B', ours, {
    baselines: [{ name: 'bare lws', rounds: bare }], goal: { most: 3072 },
  })];
}

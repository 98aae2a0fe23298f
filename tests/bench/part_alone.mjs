// part_alone.mjs - (a): the core and the wire by themselves, each in one C program.
// SPDX-License-Identifier: MIT
import { measure, program } from './place.mjs';
import { figure } from './report.mjs';

const of = (lines, name) => lines.map((line) => line[name]);
const rate = (ns) => ns.map((n) => 1e9 / n);

export async function core({ rounds, quick }) {
  const lines = await measure('load', program('core'), [rounds, quick ? 20000 : 100000]);
  const baselines = [{ name: 'memcpy+heap loop', rounds: rate(of(lines, 'loop_ns')) }];
  return [
    figure('core', 'core: messages', '/s', rate(of(lines, 'message_ns')), { baselines }),
    figure('core', 'core: routing decisions', '/s', rate(of(lines, 'decision_ns')), { baselines }),
  ];
}

/** Routing at size: what an event and all that follows from it cost, beside two plain heaps of the same sizes. */
export async function route({ rounds, quick }) {
  const [waiting, agents] = quick ? [100000, 10000] : [1000000, 100000];
  const large = await measure('load', program('route'), [rounds, waiting, agents, 4096]);
  const small = await measure('load', program('route'), [rounds, 10000, 1000, 4096]);
  const names = { turn: 'complete, match, arrival', arrival: 'arrival', match: 'complete, match', accept: 'accept', decline: 'decline' };
  return Object.entries(names).map(([name, words]) => {
    const ns = of(large, `${name}_ns`);
    const heaps = { name: 'two plain heaps', rounds: of(large, 'plain_ns') };
    const few = { name: 'with 10,000 waiting', rounds: of(small, `${name}_ns`), goal: { most: 2 } };
    const scan = { name: 'one look at all', rounds: of(large, 'scan_ns') };
    const baselines = name === 'turn' ? [{ ...heaps, goal: { most: 1 } }, few, scan] : [heaps, few];
    return figure('route', `route, ${waiting} waiting: ${words}`, 'ns', ns, { baselines });
  });
}

export async function wire({ rounds, quick }) {
  const lines = await measure('load', program('wire'), [rounds, quick ? 20000 : 200000]);
  const figures = [];
  for (const [message, words] of [['frame120', 'a frame of 120 bytes'], ['text120', 'a text of 120 bytes']]) {
    const its = lines.filter((line) => line.message === message);
    const baselines = [{ name: 'cJSON parse+print', rounds: of(its, 'cjson_ns') }];
    const all = its.map((line) => line.decode_ns + line.encode_ns);
    figures.push(
      figure('wire', `wire: ${words}`, 'ns', all, { baselines, goal: { most: 600 } }),
      figure('wire', `wire: ${words}: gate+decode`, 'ns', of(its, 'decode_ns'), { baselines }),
      figure('wire', `wire: ${words}: encode`, 'ns', of(its, 'encode_ns'), { baselines }));
  }
  return figures;
}

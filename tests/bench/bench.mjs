// bench.mjs - runs the parts of the bench, prints their table, and writes build/bench.json.
// SPDX-License-Identifier: MIT
//
//   make bench [PARTS="core route wire relay idle ready widget"] [QUICK=1] [BENCH_STRICT=1] [BENCH_NICE=-15]
//   node tests/bench/bench.mjs cell TARGET PAIRS WINDOW SECONDS     (TARGET: usher, lws, epoll)
//
// It ends with 0 even where a goal is missed, unless BENCH_STRICT=1; with 1 where a part fails.
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { core, route, wire } from './part_alone.mjs';
import { idle } from './part_idle.mjs';
import { ready } from './part_ready.mjs';
import { cell, relay } from './part_relay.mjs';
import { widget } from './part_widget.mjs';
import { build, cores } from './place.mjs';
import { goals, print, write } from './report.mjs';

const PARTS = { core, route, wire, relay, idle, ready, widget };
const ROUNDS = 5;
/** More of them where one is short and what is compared moves most. */
const MORE = { core: 7, wire: 9, relay: 9 };

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}

async function main() {
  const quick = !['', '0', undefined].includes(process.env.QUICK);
  const wanted = (process.env.PARTS || Object.keys(PARTS).join(' ')).split(/[\s,]+/).filter(Boolean);
  const unknown = wanted.filter((name) => !PARTS[name]);
  if (unknown.length > 0) {
    throw new Error(`no such part: ${unknown.join(' ')}; there are ${Object.keys(PARTS).join(' ')}`);
  }
  const began = performance.now();
  const figures = [];
  const failed = [];
  for (const name of wanted) {
    const from = performance.now();
    try {
      const made = await PARTS[name]({ rounds: quick ? 2 : MORE[name] ?? ROUNDS, quick });
      figures.push(...made);
      console.log(`\n${name} (${((performance.now() - from) / 1000).toFixed(0)} s)`);
      print(made);
    } catch (error) {
      failed.push(name);
      console.log(`\n${name} FAILED: ${error.message}`);
    }
  }
  const demanded = goals(figures).filter(({ goal }) => !goal.beyond);
  const missed = demanded.filter(({ met }) => !met);
  const seconds = (performance.now() - began) / 1000;
  write(join(build, 'bench.json'), {
    made: new Date().toISOString(), commit: commit(), seconds, quick, pinned: cores,
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), kernel: release() },
    failed, figures,
  });
  console.log(`\n${figures.length} figures, ${demanded.length - missed.length} of ${demanded.length} goals met, ` +
    `${seconds.toFixed(0)} s; all of it is in ${join(build, 'bench.json')}`);
  for (const { what } of missed) {
    console.log(`MISSED ${what}`);
  }
  const strict = !['', '0', undefined].includes(process.env.BENCH_STRICT);
  process.exit(failed.length > 0 || (strict && missed.length > 0) ? 1 : 0);
}

if (process.argv[2] === 'cell') {
  const [, , , target, pairs, window, seconds] = process.argv;
  await cell(target, Number(pairs), Number(window), Number(seconds));
  process.exit(0);
}
main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});

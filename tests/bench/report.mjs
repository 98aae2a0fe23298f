// report.mjs - figures: median and spread over the rounds, what they stand beside, their goals; the table, the file.
// SPDX-License-Identifier: MIT
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Median, least, greatest; every round is kept. */
export function spread(rounds) {
  const sorted = [...rounds].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), rounds };
}

const reached = (median, goal) => (goal.most !== undefined ? median <= goal.most : median >= goal.least);
const judged = (median, goal) => (goal ? { goal, met: reached(median, goal) } : {});

/**
 * A baseline of a figure: measured in the same rounds. The ratio is taken round by round, so that
 * what slows a whole round cancels out. `goal`: {most} or {least}, of the ratio; with `beyond` it is
 * aimed at and not demanded.
 */
function beside(rounds, unit, { name, rounds: base, goal }) {
  const ratio = spread(rounds.map((value, i) => value / base[i]));
  return { name, unit, ...spread(base), ratio, ...judged(ratio.median, goal) };
}

/** One figure; `goal` is one of its own. With a `doubt` its judgements are printed with a question mark. */
export function figure(part, name, unit, rounds, { baselines, goal, note, doubt = false }) {
  const own = spread(rounds);
  return {
    part, name, unit, ...own, ...judged(own.median, goal),
    baselines: baselines.map((baseline) => beside(rounds, unit, baseline)),
    ...(note ? { note } : {}),
    ...(doubt ? { doubt } : {}),
  };
}

/** Everything that has a goal: the figures themselves and their ratios. */
export const goals = (figures) =>
  figures.flatMap((f) => [
    { ...f, what: f.name },
    ...f.baselines.map((b) => ({ ...b, what: `${f.name} / ${b.name}` })),
  ]).filter((judgement) => judgement.goal);

const digits = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString('en')
    : value >= 100 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
const range = ({ median, min, max }) => `${digits(median)} (${digits(min)}..${digits(max)})`;

function verdict({ goal, met }, unit, doubt) {
  if (!goal) {
    return ['', ''];
  }
  const sign = goal.most !== undefined ? '<=' : '>=';
  const word = met ? 'ok' : goal.beyond ? 'not yet' : 'MISSED';
  return [`${sign} ${digits(goal.most ?? goal.least)} ${unit}`, doubt ? `${word}?` : word];
}

/** A line each for the figure's own goal, if there is one, and for each baseline. */
function rows(f) {
  const lines = [
    ...(f.goal ? [['', '', ...verdict(f, f.unit, f.doubt)]] : []),
    ...f.baselines.map((b) => [`${b.name}: ${range(b)}`, `${range(b.ratio)} x`, ...verdict(b, 'x', f.doubt)]),
  ];
  return lines.map((line, i) => [...(i === 0 ? [f.name, `${range(f)} ${f.unit}`] : ['', '']), ...line]);
}

/** Columns as wide as what stands in them. */
function table(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
}

export function print(figures) {
  const head = ['figure', 'median (min..max)', 'baseline', 'ratio', 'goal', ''];
  console.log(table([head, ...figures.flatMap(rows)]));
  for (const note of new Set(figures.map((f) => f.note).filter(Boolean))) {
    console.log(`  ${note}`);
  }
}

export function write(file, what) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(what, null, 1)}\n`);
}

// configuration.test.mjs - docs/configuration.md tells the truth: every key, its range as --check has it, its default as the headers have it.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { demo, directory, run, writeConfig } from './harness.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const text = (path) => readFileSync(join(root, path), 'utf8');
const number = (s) => Number(s.replaceAll(/[, ]/g, ''));

/** The rows of the tables under a heading: [key, range, default]. */
function rows(heading) {
  const part = text('docs/configuration.md').split(/^## /m).find((p) => p.startsWith(`${heading}\n`));
  assert.ok(part, heading);
  return [...part.matchAll(/^\| `([a-z_]+)` \|([^|]*)\|([^|]*)\|/gm)]
    .map((m) => ({ key: m[1], range: m[2].trim(), otherwise: m[3].trim() }));
}

const sections = { queues: '`queues`', steps: '`steps`', limits: '`limits`', timers: '`timers`', rates: '`rates`' };

/** The demo with one number set, wherever its section keeps such. */
function withNumber(section, key, value) {
  const config = demo();
  if (section === 'queues') {
    config.queues[0][key] = value;
  } else if (section === 'steps') {
    const what = { after_s: { drop: '*' }, by: { lower: '*' }, priority: {} }[key];
    config.queues[0].steps = [{ after_s: 1, ...what, [key]: value }];
  } else {
    config[section] = { ...config[section], [key]: value };
  }
  return config;
}

async function check(t, config) {
  const { code, err } = await run(['--check', '--config', writeConfig(directory(t), config)]);
  return { code, err };
}

test('every key that the server reads is described, and no other', () => {
  const described = new Set(['burst', 'refill_ms', 'level']); // In words, not in a table.
  for (const m of text('docs/configuration.md').matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) \|/gm)) {
    m[1].match(/[a-z_]+/g).forEach((key) => described.add(key));
  }
  const folder = join(root, 'examples/server');
  const read = new Set();
  for (const file of readdirSync(folder).filter((f) => /^config.*\.c$/.test(f))) {
    const source = readFileSync(join(folder, file), 'utf8');
    for (const m of source.matchAll(/\{"([a-z_]+)",\s*(?:SERVER_KEY_|NULL, &t->)/g)) {
      read.add(m[1]);
    }
  }
  assert.ok(read.size > 50);
  assert.deepEqual([...read].filter((key) => !described.has(key)), []);
  assert.deepEqual([...described].filter((key) => !read.has(key)), []);
});

for (const [section, heading] of Object.entries(sections)) {
  test(`${section}: each range is the one that --check holds to`, async (t) => {
    const ranges = rows(heading).filter(({ range }) => /^[\d,]+ to [\d,]+$/.test(range));
    assert.ok(ranges.length > 0);
    for (const { key, range } of ranges) {
      const [low, high] = range.split(' to ').map(number);
      const words = `must be a whole number from ${low} to ${high}`;
      for (const value of [low - 1, high + 1, low + 0.5]) {
        const { code, err } = await check(t, withNumber(section, key, value));
        assert.equal(code, 1, `${key} ${value}`);
        assert.match(err, new RegExp(`${section}.*${key}: ${words}`), `${key} ${value}`);
      }
      for (const value of [low, high]) { // It may be too much for the machine, or not go with the rest.
        const { code, err } = await check(t, withNumber(section, key, value));
        assert.ok(code === 0 || !err.includes('whole number'), `${key} ${value}: ${err}`);
      }
    }
  });
}

test('each default is the one that the headers name', () => {
  const headers = { limits: 'include/usher/core.h', timers: 'include/usher/core.h', rates: 'include/usher/uv.h',
    queues: 'include/usher/event.h' };
  let n = 0;
  for (const [section, header] of Object.entries(headers)) {
    for (const { key, range, otherwise } of rows(sections[section])) {
      if (!/^[\d,]+ to/.test(range) || !/^[\d,]+$/.test(otherwise)) {
        continue;
      }
      const scale = key.endsWith('_s') ? 1000 : 1;
      const field = key.replace(/_s$/, '_ms');
      const line = text(header).split('\n').find((l) => new RegExp(`\\b${field}[;,]`).test(l));
      assert.ok(line, `${header} has ${field}`);
      const mib = /\((\d+) MiB\)/.exec(line);
      const numbers = mib ? [Number(mib[1]) * 1048576] : /\(([\d ,]+)\)/.exec(line)[1].split(',').map(number);
      const fields = line.match(new RegExp(`[a-z_]+(?=[,;])`, 'g'));
      const named = numbers[numbers.length > 1 ? fields.indexOf(field) : 0];
      assert.equal(number(otherwise) * scale, named, `${section}.${key}`);
      n++;
    }
  }
  assert.ok(n >= 25, `${n} defaults`);
});

test('buckets: each default is the one that the header names', () => {
  const header = text('include/usher/uv.h');
  const buckets = [...text('docs/configuration.md').matchAll(/^\| `([a-z_]+)` \| ([\d,]+), ([\d,]+) ms \|/gm)];
  assert.equal(buckets.length, 8);
  for (const [, key, burst, refill] of buckets) {
    const m = new RegExp(`struct usher_rate ${key};.*\\(([\\d ]+), ([\\d ]+) ms\\)`).exec(header);
    assert.deepEqual([number(burst), number(refill)], [number(m[1]), number(m[2])], key);
  }
});

test('the shop\'s configuration in it is one', async (t) => {
  const [, json] = /## A shop's configuration\n\n```json\n(.*?)```/s.exec(text('docs/configuration.md'));
  const hash = (await run(['--hash-password'], { input: 'a password\n' })).out.trim().split('\n').pop();
  const config = JSON.parse(json);
  config.agents.forEach((agent) => (agent.password_hash = hash));
  const { code, err } = await check(t, config);
  assert.equal(code, 0, err);
});

test('each example of routing is a configuration', async (t) => {
  const part = text('docs/configuration.md').split('## Routing by example\n')[1];
  const examples = [...part.matchAll(/^\*\*(.*?)\.\*\*[^]*?```json\n([^]*?)```/gm)];
  assert.ok(examples.length >= 13);
  const used = new Set();
  for (const [, name, json] of examples) {
    const config = JSON.parse(json, (key, value) => (used.add(key), value));
    config.demo = true;
    config.agents.forEach((agent) => (agent.password = 'secret'));
    const { code, err } = await check(t, config);
    assert.equal(code, 0, `${name}: ${err}`);
  }
  const keys = [...rows('`queues`'), ...rows('`agents`')].map(({ key }) => key);
  const plain = ['id', 'name', 'open', 'password', 'password_hash', 'supervisor'];
  assert.deepEqual(keys.filter((key) => !used.has(key) && !plain.includes(key)), []);
});

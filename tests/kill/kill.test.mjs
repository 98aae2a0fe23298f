// kill.test.mjs - kills the server with signal 9 under load, again and again, and lets check.mjs judge the logs.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, Visitor, numbers } from './client.mjs';
import { freeze, savesNow } from './proc.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const server = resolve(process.env.USHER_SERVER ?? join(here, '../../build/bin/usher-server'));
const seed = Number(process.env.USHER_SEED ?? Date.now() % 1000000);
const kills = Number(process.env.KILLS ?? 16);
const VISITORS = 12;
const AGENTS = 4;
const SETTLE_MS = 20000;
const random = numbers(seed);
const dir = mkdtempSync(join(tmpdir(), 'usher-kill-'));
const logs = join(dir, 'logs');
let child;
let good = false;
let news = () => {}; // called whenever anybody was told anything

after(() => {
  child?.kill('SIGKILL');
  if (good) {
    rmSync(dir, { recursive: true, force: true });
  } else {
    console.log(`# seed ${seed}; the store and the logs are left in ${dir}`);
  }
});

/** The demo's queues, more and roomier agents, and rates that never stand in the way. */
function configure() {
  const config = JSON.parse(readFileSync(join(here, '../../examples/server/demo.json'), 'utf8'));
  const wide = { burst: 1000000, refill_ms: 1 };
  config.agents = Array.from({ length: AGENTS }, (_, i) => (
    { id: `agent${i}`, password: `only-for-tests-${i}`, queues: ['sales'], capacity: 16 }));
  config.limits = { keys: 1000000 };
  config.rates = { links_address: 1000, visitor_minute: 1000000, visitor_day: 100000000 };
  for (const bucket of ['accept', 'accept_all', 'hello', 'visitor_say', 'visitor_start', 'address_start',
    'address_say', 'agent_say']) {
    config.rates[bucket] = wide;
  }
  writeFileSync(join(dir, 'shop.json'), JSON.stringify(config));
  return config;
}

/** Starts the server and gives its address once it listens. */
async function start(port) {
  const run = spawn(server, ['--config', join(dir, 'shop.json'), '--listen', `127.0.0.1:${port}`,
    '--store', `sqlite:${join(dir, 'shop.db')}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child = run;
  child.exited = new Promise((done) => run.once('exit', (code, signal) => done({ code, signal })));
  return new Promise((done, fail) => {
    const take = (data) => {
      text = (text + data).slice(-20000);
      const line = /usher-server: listening on (http:\/\/\S+)/.exec(text);
      if (line !== null) {
        done(line[1]);
      }
    };
    run.stdout.on('data', take);
    run.stderr.on('data', take);
    run.once('exit', () => fail(new Error(`the server did not start:\n${text}`)));
  });
}

async function signIn(origin, { id, password }) {
  const answer = await fetch(`${origin}/usher/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ agent: id, password }),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()).token;
}

/** Waits for news that makes the condition true; says what is missing if that takes too long. */
function until(condition, missing) {
  return new Promise((done, fail) => {
    const limit = setTimeout(() => fail(new Error(missing())), SETTLE_MS);
    news = () => {
      if (condition()) {
        clearTimeout(limit);
        news = () => {};
        done();
      }
    };
    news();
  });
}

function settle(people) {
  const open = () => people.filter((p) => !p.settled());
  return until(() => open().length === 0,
    () => `not settled: ${open().map((p) => `${p.name} (${p.outbox.size} unanswered)`).join(', ')}`);
}

function check(folder) {
  const run = spawnSync(process.execPath, [join(here, 'check.mjs'), folder, String(seed)],
    { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status: run.status, text: run.stdout + run.stderr };
}

/**
 * The kill. In half of the lives at a moment when the storage has a batch in hand, for which a few are tried; else at
 * whatever moment it is, which is seen too.
 */
async function kill(life, people) {
  const hunt = random(0, 1) === 1;
  await freeze(child.pid);
  let batch = savesNow(child.pid);
  for (let tries = 0; hunt && batch === false && tries < 100; tries++) {
    child.kill('SIGCONT');
    await new Promise((done) => {
      const limit = setTimeout(done, 100); // should nothing be under way at all
      news = () => {
        clearTimeout(limit);
        done();
      };
    });
    news = () => {};
    await freeze(child.pid);
    batch = savesNow(child.pid);
  }
  child.kill('SIGKILL');
  people.forEach((p) => p.log('kill', { life, batch }));
}

/**
 * One life of the server. The kill comes after so many answers and up to 20 ms, and then in half of the lives at the
 * next news: a timer alone would favour the moments when the server has just answered everything.
 */
async function live(life, people) {
  const total = () => people.reduce((n, p) => n + p.answers, 0);
  const goal = total() + (random(0, 4) === 0 ? 0 : random(1, 800));
  const late = random(0, 20);
  const busy = random(0, 1) === 1;
  const { exited } = child;
  for (const p of people) {
    p.connect(life);
  }
  await until(() => total() >= goal && people.some((p) => p.greeted), () => `no load in life ${life}`);
  await new Promise((done) => {
    setTimeout(() => {
      news = busy ? done : () => {};
      if (!busy) {
        done();
      }
    }, late);
  });
  news = () => {};
  await kill(life, people);
  assert.deepEqual(await exited, { code: null, signal: 'SIGKILL' }, 'the server ended before it was killed');
  await Promise.all(people.map((p) => p.ended));
}

test('nothing acknowledged is lost, doubled or swapped by kill -9', { timeout: 60000 + 5000 * kills }, async (t) => {
  mkdirSync(logs);
  t.diagnostic(`seed ${seed}, ${kills} kills`);
  const config = configure();
  const origin = await start(0);
  const port = new URL(origin).port;
  const options = (i) => ({ origin, dir: logs, random: numbers(seed + i), news: () => news() });
  const agents = config.agents.map((a, i) => new Agent(a.id, options(100 + i)));
  const visitors = Array.from({ length: VISITORS }, (_, i) => new Visitor(`visitor${i}`, options(i)));
  for (const [i, agent] of agents.entries()) {
    agent.token = await signIn(origin, config.agents[i]);
  }

  // Visitors come one after the other, so that starts and accepts are under way at kills too.
  let people = agents;
  for (let life = 1; life <= kills; life++) {
    people = [...agents, ...visitors.slice(0, Math.ceil((2 * life * VISITORS) / kills))];
    await live(life, people);
    await start(port);
  }

  for (const p of people) {
    p.talking = false;
    p.connect(kills + 1);
  }
  await settle(people);
  const taken = (v) => [...v.cursors.keys()].every((s) => agents.some((a) => a.cursors.has(s)));
  await until(() => visitors.every(taken), () => 'a session is left without an agent');
  await settle(people);

  // The last look holds nothing, so that the store tells everything once more.
  await Promise.all(people.map((p) => p.leave()));
  people.forEach((p) => p.connect(kills + 2, true));
  await settle(people);
  child.kill('SIGTERM');
  assert.deepEqual(await child.exited, { code: 0, signal: null });
  await Promise.all(people.map((p) => p.ended));
  people.forEach((p) => p.end());

  const { status, text } = check(logs);
  text.trimEnd().split('\n').forEach((line) => t.diagnostic(line.replace(/^# /, '')));
  assert.equal(status, 0, text);
  good = true;
});

/** Lets check.mjs judge a copy of the logs in which `change(lines of one agent, lines of all)` did some harm. */
function doctor(name, change) {
  const copy = join(dir, name);
  cpSync(logs, copy, { recursive: true });
  const all = readdirSync(copy).map((file) => ({
    file,
    lines: readFileSync(join(copy, file), 'utf8').trimEnd().split('\n').map((l) => JSON.parse(l)),
  }));
  const agent = all.find(({ file, lines }) => file.startsWith('agent') && neighbours(lines) !== null);
  change(agent.lines, all.map(({ lines }) => lines));
  for (const { file, lines } of all) {
    writeFileSync(join(copy, file), lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
  }
  return check(copy);
}

/** The last two public texts by a visitor that stand next to each other, as [i, j] in the log. */
function neighbours(lines) {
  const theirs = (l) => l.what === 'saw' && l.type === 'said' && l.by.kind === 'visitor';
  for (let j = lines.length - 1; j > 0; j--) {
    const i = j - 1;
    if (theirs(lines[j]) && theirs(lines[i]) && lines[i].session === lines[j].session) {
      return [i, j];
    }
  }
  return null;
}

const frauds = {
  'a lost fact': [/^lost: /m, (lines) => {
    // Cut the end of one session off, so that no gap gives it away.
    const [, j] = neighbours(lines);
    const { session, index } = lines[j];
    const kept = lines.filter((l, i) => !(i >= j && l.what === 'saw' && l.session === session &&
      l.log === 'public' && l.index >= index));
    lines.splice(0, lines.length, ...kept);
  }],
  'a doubled fact': [/^doubled: /m, (mine, all) => {
    // All are told it twice alike, so that only the text gives it away.
    const { session, body } = mine[neighbours(mine)[1]];
    for (const lines of all) {
      const last = lines.findLastIndex((l) => l.what === 'saw' && l.session === session && l.log === 'public');
      const one = lines.findLast((l) => l.what === 'saw' && l.session === session && l.body === body);
      if (one !== undefined) {
        lines.splice(last + 1, 0, { ...one, index: lines[last].index + 1 });
      }
    }
  }],
  'a key with two numbers': [/^doubled: /m, (lines) => {
    const i = lines.findIndex((l) => l.what === 'acked' && l.index > 1);
    lines.splice(i + 1, 0, { ...lines[i], index: lines[i].index - 1, by: 'done' });
  }],
  'a swapped order': [/^order: /m, (lines) => {
    const [i, j] = neighbours(lines);
    [lines[i].body, lines[j].body] = [lines[j].body, lines[i].body];
  }],
  'a gap': [/^gap: /m, (lines) => {
    const [i] = neighbours(lines);
    lines.splice(i, 1);
  }],
  'kills at idle moments': [/^load: a batch/m, (mine, all) => {
    for (const line of all.flat()) {
      if (line.what === 'kill') {
        line.batch = false;
      }
    }
  }],
  'an answer that never came': [/^unanswered: /m, (lines) => {
    const i = lines.findLastIndex((l) => l.what === 'sent' && l.command.type === 'say');
    const { key } = lines[i];
    lines.splice(0, lines.length, ...lines.filter((l) => !(l.what === 'acked' && l.key === key)));
  }],
};

for (const [name, [rule, change]] of Object.entries(frauds)) {
  test(`the judge sees ${name}`, () => {
    const { status, text } = doctor(name.replaceAll(' ', '-'), change);
    assert.equal(status, 1, text);
    assert.match(text, rule);
  });
}

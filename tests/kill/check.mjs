// check.mjs - judges a kill campaign from the logs of its clients alone: nothing lost, doubled, swapped or missing.
// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const SHOWN = 20;
const violations = [];
const wrong = (rule, text) => violations.push(`${rule}: ${text}`);

/** Where a command's own text went: a start's text is the second fact that it causes. */
const OWN_FACT = { say: 'said', whisper: 'whispered', start: 'opened', accept: 'joined' };
const place = (session, log, index) => `${session}/${log}/${index}`;

function read(dir) {
  return readdirSync(dir).filter((f) => f.endsWith('.jsonl')).sort().map((file) => ({
    name: basename(file, '.jsonl'),
    lines: readFileSync(join(dir, file), 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l)),
    sent: new Map(), // key -> command
    acked: new Map(), // key -> {session, log, index}
    saw: new Map(), // place -> fact
    last: new Map(), // session/log -> last index
    dead: new Map(), // life -> keys that were outstanding when it was killed
    told: new Map(), // session/log -> head that the last hello named
    again: 0,
  }));
}

/** No gap, no fact twice: 1, 2, 3 … until the client itself let go of what it held. */
function follow(who, fact) {
  const log = `${fact.session}/${fact.log}`;
  const next = (who.last.get(log) ?? 0) + 1;
  if (fact.index !== next) {
    wrong('gap', `${who.name} saw ${log} ${fact.index} instead of ${next}`);
  }
  who.last.set(log, fact.index);
}

function letGo(who, session) {
  for (const log of [...who.last.keys()]) {
    if (session === undefined || log.startsWith(`${session}/`)) {
      who.last.delete(log);
    }
  }
}

function connected(who, line) {
  who.fresh = line.fresh;
  if (line.fresh) {
    letGo(who);
    who.saw.clear(); // what counts in the end is what the store still tells
  }
  who.told.clear();
  for (const s of line.sessions) {
    who.told.set(`${s.session}/public`, s.head);
    who.told.set(`${s.session}/internal`, s.internal ?? 0);
  }
}

function acknowledged(who, line) {
  const before = who.acked.get(line.key);
  who.again += line.by === 'done' ? 1 : 0;
  if (!who.sent.has(line.key)) {
    wrong('answer', `${who.name} never sent ${line.key}`);
  } else if (before === undefined) {
    who.acked.set(line.key, line);
  } else if (before.index !== line.index || before.session !== line.session || before.log !== line.log) {
    wrong('doubled', `${line.key} was answered with ${before.index} and with ${line.index}`);
  }
}

/** One order: whoever sees a number, at whatever time, sees the same fact. */
function agree(facts, who, fact) {
  const at = place(fact.session, fact.log, fact.index);
  const { type, by, body, at: when } = fact;
  const text = JSON.stringify({ type, by, body, when });
  const known = facts.get(at);
  if (known === undefined) {
    facts.set(at, { ...fact, text });
  } else if (known.text !== text) {
    wrong('order', `${who.name} saw ${at} as ${text}, another as ${known.text}`);
  }
}

/** A link may end because its client leaves, because the server was killed, or by the last stop (1012). */
function closed(who, line, leaving) {
  if (!leaving && !who.dead.has(line.life) && line.code !== 1012) {
    wrong('link', `${who.name}'s link ended with ${line.code} in life ${line.life}`);
  }
  for (const key of who.dead.get(line.life) ?? []) {
    if (who.acked.has(key)) {
      who.dead.get(line.life).delete(key);
    }
  }
}

function replay(who, facts, epochs) {
  let leaving = false;
  for (const line of who.lines) {
    switch (line.what) {
      case 'sent': who.sent.set(line.key, line.command); break;
      case 'acked': acknowledged(who, line); break;
      case 'saw':
        follow(who, line);
        agree(facts, who, line);
        who.saw.set(place(line.session, line.log, line.index), line);
        break;
      case 'reset': // only who comes with nothing may get less than all
        if (!who.fresh) {
          wrong('upset', `${who.name} got a reset of ${line.session}`);
        }
        who.last.set(`${line.session}/${line.log}`, line.first - 1);
        break;
      case 'told': // by a history
        agree(facts, who, line);
        who.saw.set(place(line.session, line.log, line.index), line);
        break;
      case 'connected':
        leaving = false;
        epochs.add(line.epoch);
        connected(who, line);
        break;
      case 'forgot': letGo(who, line.session); break;
      case 'kill':
        batches.set(line.life, line.batch);
        who.dead.set(line.life, new Set([...who.sent.keys()].filter(
          (key) => !who.acked.has(key) && !who.over?.has(key))));
        break;
      case 'leaves': leaving = true; break;
      case 'closed': closed(who, line, leaving); break;
      case 'refused':
        if (line.final) {
          (who.over ??= new Set()).add(line.key);
          if (who.sent.get(line.key)?.type !== 'accept' || line.why !== 'offer_over') {
            wrong('refused', `${who.name}'s ${line.key}: ${line.why} (${line.text})`);
          }
        }
        break;
      default: wrong('upset', `${who.name} got ${JSON.stringify(line)}`);
    }
  }
}

/** Nothing acknowledged is lost: its sender and every peer hold it, as it was sent. */
function kept(people, who) {
  const lastOf = new Map(); // what one person says, in one log, is numbered in the order of saying
  for (const [key, command] of who.sent) {
    const ack = who.acked.get(key);
    if (ack === undefined) {
      if (!who.over?.has(key)) {
        wrong('unanswered', `${key} ${command.type}`);
      }
      continue;
    }
    const log = `${ack.session}/${ack.log}`;
    if (ack.index <= (lastOf.get(log) ?? 0)) {
      wrong('order', `${key} has ${ack.index}, but what was said before it ${lastOf.get(log)}`);
    }
    lastOf.set(log, ack.index);
    for (const peer of people.filter((p) => p.told.has(`${ack.session}/public`))) {
      const fact = peer.saw.get(place(ack.session, ack.log, ack.index));
      const hidden = ack.log === 'internal' && peer.name.startsWith('visitor');
      if (hidden ? fact !== undefined : fact?.type !== OWN_FACT[command.type]) {
        wrong('lost', `${key} (${log} ${ack.index}) is ${fact?.type} to ${peer.name}`);
      } else if (!hidden && command.type !== 'start' && fact.body !== command.body) {
        wrong('lost', `${key} (${log} ${ack.index}) reads ${fact.body} to ${peer.name}`);
      }
    }
    if (command.type === 'start') {
      const text = who.saw.get(place(ack.session, ack.log, ack.index + 1));
      if (text?.body !== command.body) {
        wrong('lost', `the text of ${key} reads ${text?.body}`);
      }
    }
  }
}

/** Nothing twice and nothing invented: a text that was sent once stands at one place. */
function once(people, facts) {
  const bodies = new Map();
  const sent = new Set();
  for (const who of people) {
    for (const command of who.sent.values()) {
      sent.add(command.body);
    }
  }
  for (const [at, { body, session }] of facts) {
    if (body === undefined) {
      continue;
    }
    const text = `${session} ${body}`;
    if (bodies.has(text)) {
      wrong('doubled', `${at} and ${bodies.get(text)} both read ${body}`);
    }
    bodies.set(text, at);
    if (!sent.has(body)) {
      wrong('invented', `${at} reads ${body}`);
    }
  }
  return bodies.size;
}

/** In the end both sides of a session have been told all of it. */
function complete(people) {
  const ends = new Map();
  for (const who of people) {
    for (const [log, head] of who.told) {
      const seen = who.last.get(log) ?? 0;
      if (seen < head) {
        wrong('lost', `${who.name} saw ${log} to ${seen} of ${head}`);
      }
      if (log.endsWith('/public')) {
        ends.set(log, [...(ends.get(log) ?? []), seen]);
      }
    }
  }
  for (const [log, seen] of ends) {
    if (seen.length !== 2 || seen[0] !== seen[1]) {
      wrong('lost', `${log} ends at ${seen.join(' and ')}: two sides, one end expected`);
    }
  }
}

const batches = new Map(); // life -> was a batch at the storage when it was killed? null: not to be seen here
const people = read(process.argv[2]);
const facts = new Map();
const epochs = new Set();
for (const who of people) {
  replay(who, facts, epochs);
}
for (const who of people) {
  kept(people, who);
}
const messages = once(people, facts);
complete(people);
if (epochs.size !== 1) {
  wrong('epoch', `the store had the epochs ${[...epochs].join(', ')}`);
}

const lives = new Set(people.flatMap((p) => [...p.dead.keys()]));
const outstanding = [...lives].filter((life) => people.some((p) => p.dead.get(life)?.size > 0));
const acks = people.reduce((n, p) => n + p.acked.size, 0);
const again = people.reduce((n, p) => n + p.again, 0);
if (lives.size === 0 || outstanding.length < 0.3 * lives.size) {
  wrong('load', `a command was outstanding at only ${outstanding.length} of ${lives.size} kills`);
}
const known = [...batches.values()].filter((batch) => batch !== null);
const saving = known.filter(Boolean).length;
if (known.length > 0 && saving < 0.3 * known.length) {
  wrong('load', `a batch was at the storage at only ${saving} of ${known.length} kills`);
}
console.log(`# kills ${lives.size}, with a command outstanding ${outstanding.length}, with a batch at the storage ` +
  `${known.length > 0 ? saving : 'not seen: this system does not show it'}`);
console.log(`# messages ${messages}, acknowledged ${acks}, seed ${process.argv[3]}`);
console.log(`# answers to repeated commands ${again}, violations ${violations.length}`);
for (const text of violations.slice(0, SHOWN)) {
  console.log(text);
}
process.exit(violations.length === 0 ? 0 : 1);

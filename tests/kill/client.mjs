// client.mjs - a model visitor or agent that talks as fast as it is answered and writes down all it sees.
// SPDX-License-Identifier: MIT
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';

const WINDOW = 6;

/** Small seeded numbers (mulberry32): the same seed gives the same campaign. */
export function numbers(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return (low, high) => low + Math.floor(next() * (high - low + 1));
}

/** What visitors and agents have in common: a link, an outbox, cursors and a log file. */
class Person {
  constructor(name, { origin, dir, random, news }) {
    Object.assign(this, { name, origin, random, news });
    this.file = openSync(join(dir, `${name}.jsonl`), 'a');
    this.outbox = new Map(); // key -> command, in the order of saying
    this.cursors = new Map(); // session -> {public, internal}
    this.said = 0;
    this.answers = 0;
    this.talking = true;
    this.life = 0;
    this.greeted = false;
    this.heads = [];
    this.lookups = []; // sessions whose older facts are asked for, one at a time: {session, before}
  }

  log(what, fields) {
    writeSync(this.file, `${JSON.stringify({ what, ...fields })}\n`);
  }

  /** Opens a link to the server's given life; `fresh` forgets the cursors, so everything is told again. */
  connect(life, fresh = false) {
    this.life = life;
    if (fresh) {
      this.cursors.clear();
    }
    const link = new WebSocket(`${this.origin.replace('http', 'ws')}/usher`, 'usher.v1', {
      origin: this.origin,
      perMessageDeflate: false,
    });
    this.link = link;
    this.ended = new Promise((resolve) => link.once('close', resolve));
    link.on('error', () => {}); // 'close' always follows
    link.on('open', () => this.put({ type: 'hello', ...this.greeting(), ...this.holdings() }));
    link.on('close', (code) => {
      this.greeted = false;
      this.log('closed', { life, code });
    });
    link.on('message', (data) => {
      for (const line of String(data).split('\n')) {
        this.take(JSON.parse(line), fresh);
      }
      this.news();
    });
  }

  holdings() {
    const have = {};
    for (const [session, at] of this.cursors) {
      have[session] = this.have(at);
    }
    return this.epoch === undefined ? {} : { epoch: this.epoch, have };
  }

  put(frame) {
    if (this.link.readyState === WebSocket.OPEN) {
      this.link.send(JSON.stringify(frame));
    }
  }

  /** The command stays in the outbox until it is answered; reconnecting says it again with the same key. */
  say(command) {
    const key = `${this.name}-${++this.said}`;
    this.outbox.set(key, command);
    this.log('sent', { key, command });
    this.put({ ...command, key });
  }

  words() {
    return `${this.name} says ${this.said + 1} ${'ครับ ~'.repeat(this.random(0, 12))}`;
  }

  take(frame, fresh) {
    if (frame.type === 'hello') {
      this.welcome(frame, fresh);
    } else if (frame.index !== undefined) {
      this.fact(frame);
    } else if (frame.type === 'done') {
      const { session, was, log = 'public' } = frame;
      this.answered(frame.key, { session, index: was, log: session && log, by: 'done' });
    } else if (frame.type === 'refused') {
      this.refused(frame);
    } else if (frame.type === 'reset' && fresh) {
      this.reset(frame);
    } else if (frame.type === 'history') {
      this.lookedUp(frame);
    } else if (frame.type === 'reset' || frame.type === 'degraded') {
      this.log('upset', { frame });
    } else {
      this.note(frame);
    }
    this.talk();
  }

  welcome(hello, fresh) {
    this.epoch = hello.epoch;
    this.greeted = true;
    this.heads = hello.sessions;
    this.lookups = [];
    this.log('connected', { life: this.life, fresh, epoch: hello.epoch, sessions: hello.sessions });
    const listed = new Set(hello.sessions.map((s) => s.session));
    for (const session of this.cursors.keys()) {
      if (!listed.has(session)) {
        this.cursors.delete(session);
        this.log('forgot', { session });
      }
    }
    for (const [key, command] of this.outbox) {
      this.put({ ...command, key });
    }
    this.greetedBy(hello);
  }

  fact({ type, session, index, log = 'public', key, by, body, at, agent }) {
    this.log('saw', { session, log, index, type, key, by: by ?? agent, body, at });
    const cursors = this.cursors.get(session) ?? { public: 0, internal: 0 };
    cursors[log] = index;
    this.cursors.set(session, cursors);
    if (key !== undefined) {
      this.answered(key, { session, index, log, by: 'fact' });
    }
  }

  /** Of a long session only the newest part streams; what is older is asked for, page by page. */
  reset({ session, log = 'public', first }) {
    this.log('reset', { session, log, first });
    const cursors = this.cursors.get(session) ?? { public: 0, internal: 0 };
    cursors[log] = first - 1;
    this.cursors.set(session, cursors);
    if (log === 'public' && this.lookups.push({ session, before: first }) === 1) {
      this.lookUp();
    }
  }

  lookUp() {
    this.put({ type: 'history', ...this.lookups[0], limit: 100 });
  }

  lookedUp({ session, facts, more }) {
    for (const { type, index, log = 'public', by, body, at, agent } of facts) {
      this.log('told', { session, log, index, type, by: by ?? agent, body, at });
    }
    if (more) {
      this.lookups[0].before = facts.find((f) => f.log === undefined).index;
    } else {
      this.lookups.shift();
    }
    if (this.lookups.length > 0) {
      this.lookUp();
    }
  }

  answered(key, fields) {
    this.log('acked', { key, ...fields });
    this.answers += this.outbox.delete(key) ? 1 : 0;
  }

  refused({ key, why, retry_ms: retry, text }) {
    this.log('refused', { key, why, text, final: retry === undefined });
    if (retry === undefined) {
      this.outbox.delete(key);
    } else {
      setTimeout(() => this.greeted && this.outbox.has(key) && this.put({ ...this.outbox.get(key), key }), retry);
    }
  }

  /** True once nothing is outstanding and everything that the last hello named has been told. */
  settled() {
    return this.greeted && this.outbox.size === 0 && this.lookups.length === 0 && this.heads.every((s) => {
      const at = this.cursors.get(s.session);
      return at !== undefined && at.public >= s.head && at.internal >= (s.internal ?? 0);
    });
  }

  async leave() {
    this.log('leaves', { life: this.life });
    this.link.close();
    await this.ended;
  }

  end() {
    closeSync(this.file);
  }
}

export class Visitor extends Person {
  greeting() {
    return { as: 'visitor', token: this.token };
  }

  have(at) {
    return at.public;
  }

  greetedBy(hello) {
    this.token = hello.token;
  }

  note() {}

  talk() {
    if (!this.talking || !this.greeted) {
      return;
    }
    const [session] = this.cursors.keys();
    if (session === undefined) {
      if (this.said === 0) { // the answer to a repeated start may come before the facts do
        this.say({ type: 'start', queue: 'sales', body: this.words() });
      }
      return;
    }
    while (this.outbox.size < WINDOW) {
      this.say({ type: 'say', session, body: this.words() });
    }
  }
}

export class Agent extends Person {
  greeting() {
    return { as: 'agent', token: this.token };
  }

  have(at) {
    return [at.public, at.internal];
  }

  greetedBy(hello) {
    this.id = hello.agent;
    if (!hello.ready) {
      this.put({ type: 'ready', on: true });
    }
  }

  note(note) {
    if (note.type === 'offer') {
      this.say({ type: 'accept', offer: note.offer });
    } else if (note.type === 'agent' && !note.ready) {
      this.put({ type: 'ready', on: true });
    }
  }

  talk() {
    const sessions = [...this.cursors.keys()];
    while (this.talking && this.greeted && sessions.length > 0 && this.outbox.size < WINDOW) {
      const session = sessions[this.random(0, sessions.length - 1)];
      const type = this.random(0, 4) === 0 ? 'whisper' : 'say';
      this.say({ type, session, body: this.words() });
    }
  }
}

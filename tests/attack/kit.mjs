// kit.mjs - a desk under attack: the real server, a conversation that must notice nothing, and raw bytes to throw.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { demo, directory, Server, writeConfig } from '../server/harness.mjs';

const call = promisify(execFile);

/** Far more than any of these tests takes: what hangs shall fail, and soon. */
export const timeout = 120000;

/** Rates that no test reaches: what is refused here is refused for what it is. */
const wide = { burst: 1000000, refill_ms: 1 };
export const rates = {
  ...Object.fromEntries(['accept', 'accept_all', 'hello', 'visitor_say', 'visitor_start', 'address_start',
    'address_say', 'agent_say'].map((name) => [name, wide])),
  links_address: 5000, visitor_minute: 1000000, visitor_day: 1000000,
};

/** Small seeded numbers (xorshift32): the same seed gives the same attack. */
export function numbers(seed) {
  let a = (seed >>> 0) || 1;
  return (low, high) => {
    a ^= a << 13;
    a ^= a >>> 17;
    a ^= a << 5;
    return low + ((a >>> 0) % (high - low + 1));
  };
}

/** Bytes of one frame. `length` is what its head claims, `form` in how many bits; `mask: false`: it has none. */
export function frame(payload, options = {}) {
  const { opcode = 1, fin = true, rsv = 0, mask = true, length, form } = options;
  const key = options.key ?? randomBytes(mask ? 4 : 0);
  const bytes = Buffer.from(payload);
  const n = length ?? bytes.length;
  const bits = form ?? (n < 126 ? 7 : n < 65536 ? 16 : 64);
  const head = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (mask ? 0x80 : 0) | (bits === 7 ? Number(n) : bits === 16 ? 126 : 127);
  if (bits === 16) {
    head.writeUInt16BE(Number(n), 2);
  } else if (bits === 64) {
    head.writeBigUInt64BE(BigInt(n), 2);
  }
  return Buffer.concat([head, key, mask ? Buffer.from(bytes.map((byte, i) => byte ^ key[i % 4])) : bytes]);
}

/** A connection that sends what it is told and keeps all that comes, until the server ends it. */
export class Raw {
  bytes = Buffer.alloc(0);
  reset = false;

  static async open(server, { from, late = '' } = {}) {
    const raw = new Raw();
    raw.socket = net.connect({ host: '127.0.0.1', port: server.port, localAddress: from, allowHalfOpen: true });
    raw.ended = new Promise((done) => raw.socket.on('close', done));
    raw.socket.on('data', (d) => {
      raw.bytes = Buffer.concat([raw.bytes, d]);
      if (raw.bytes.toString('latin1').startsWith('HTTP/1.1 101')) {
        raw.socket.destroy(); // A link does not end, and the test has failed.
      }
    });
    raw.socket.on('end', () => raw.socket.end(late, 'latin1'));
    raw.socket.on('error', (e) => (raw.reset ||= e.code === 'ECONNRESET'));
    await once(raw.socket, 'connect');
    return raw;
  }

  send(bytes) {
    this.socket.write(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1'));
  }

  /** The one answer, when the server has closed: { status, head, body }; status 0: none. More than one fails. */
  async answer() {
    await this.ended;
    assert.ok(!this.reset, 'the answer was lost in a reset');
    const text = this.bytes.toString('latin1').replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
    if (text === '') {
      return { status: 0, head: '', body: '' };
    }
    const whole = /^HTTP\/1\.1 (\d{3}) [^\r\n]+\r\n((?:[^\r\n]+\r\n)+)\r\n/.exec(text);
    const [, status, head] = whole ?? assert.fail(text);
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    const length = /^Content-Length: (\d+)\r$/m.exec(head);
    if (length && body !== '') {
      assert.equal(body.length, Number(length[1]), `something behind the answer: ${text}`);
    }
    return { status: Number(status), head, body };
  }
}

/** The server with a visitor and cyd who talk in `returns`; whoever attacks does it in `sales`, or nowhere. */
export class Desk {
  index = 0;
  talks = 0;

  static async open(t, change = {}, options = {}) {
    const desk = new Desk();
    const dir = directory(t);
    desk.store = join(dir, 'desk.db');
    const config = writeConfig(dir, { ...demo(), rates, ...change });
    desk.server = await Server.start(t, ['--config', config, '--store', `sqlite:${desk.store}`], options);
    const { visitor, agent, session } = await desk.converse('cyd', 'returns');
    Object.assign(desk, { visitor, agent, session });
    desk.index = (await visitor.next('joined')).index;
    await desk.talk();
    return desk;
  }

  async token(agent) {
    const { status, body } = await this.server.login(agent, this.server.passwords[agent]);
    assert.equal(status, 200);
    return JSON.parse(body).token;
  }

  /** A visitor and an agent in one active session. */
  async converse(id, queue) {
    const token = await this.token(id);
    const agent = await this.server.link();
    await agent.hello(token);
    agent.send({ type: 'ready', key: 'ready', on: true });
    await agent.next('done');
    const visitor = await this.server.link();
    const hello = await visitor.hello();
    visitor.send({ type: 'start', key: 'start', queue, body: 'is anybody there?' });
    agent.send({ type: 'accept', key: 'accept', offer: (await agent.next('offer')).offer });
    const { session } = await visitor.next('said');
    await agent.next('said');
    return { visitor, agent, session, tokens: { visitor: hello.token, agent: token } };
  }

  /** Both say something, and both are heard by both: nothing else happened in this session, and nothing hangs. */
  async talk() {
    const n = ++this.talks;
    for (const from of [this.visitor, this.agent]) {
      from.send({ type: 'say', key: `talk ${n}`, session: this.session, body: `still here, ${n}` });
      const [one, other] = await Promise.all([this.visitor.next('said'), this.agent.next('said')]);
      assert.equal(one.index, ++this.index);
      assert.equal(one.body, `still here, ${n}`);
      assert.deepEqual([one.index, one.body, one.by], [other.index, other.body, other.by]);
    }
  }

  /** Rows of the views, as the owner of the shop sees them. */
  async rows(sql) {
    const { stdout } = await call('sqlite3', ['-readonly', '-json', this.store, sql], { maxBuffer: 1 << 28 });
    return stdout === '' ? [] : JSON.parse(stdout);
  }

  async mark() {
    return {
      talks: this.talks,
      seq: (await this.rows('SELECT max(seq) AS seq FROM facts'))[0].seq,
      sessions: await this.rows('SELECT * FROM sessions ORDER BY seq'),
      visitors: await this.rows('SELECT * FROM visitors ORDER BY seq'),
    };
  }

  /** Since the mark nothing is in the store but what these two have said; and they are told the same. */
  async unchangedSince(mark) {
    const now = await this.mark();
    assert.deepEqual(now.sessions, mark.sessions);
    assert.deepEqual(now.visitors, mark.visitors);
    const fresh = await this.rows(`SELECT session, type, body FROM facts WHERE seq > ${mark.seq} ORDER BY seq`);
    const expected = [];
    for (let n = mark.talks + 1; n <= this.talks; n++) {
      const said = { session: this.session, type: 'said', body: `still here, ${n}` };
      expected.push(said, said);
    }
    assert.deepEqual(fresh, expected);
    const stored = await this.rows(`SELECT idx, body FROM messages WHERE session = '${this.session}' ORDER BY seq`);
    for (const link of [this.visitor, this.agent]) {
      link.send({ type: 'history', key: `history ${this.talks}`, session: this.session, limit: 100 });
      const { facts } = await link.next('history');
      const said = facts.filter((f) => f.type === 'said').map((f) => ({ idx: f.index, body: f.body }));
      assert.deepEqual(said, stored.slice(-said.length));
      assert.equal(facts.at(-1).index, this.index);
    }
  }
}

/** A desk, and in `sales` a second conversation whose two people will behave badly. */
export async function enemies(t, change = { limits: { links_visitor: 64, links_agent: 64 } }) {
  const desk = await Desk.open(t, change);
  const evil = await desk.converse('ann', 'sales');
  evil.head = (await evil.visitor.next('joined')).index;
  return { desk, evil, mark: await desk.mark() };
}

/** One more link of such a person, or of nobody yet. */
export async function sign_in(desk, evil, as = 'visitor') {
  const link = await desk.server.link();
  if (as !== 'nobody') {
    const have = as === 'agent' ? [evil.head, 0] : evil.head;
    link.send({ type: 'hello', as, token: evil.tokens[as], have: { [evil.session]: have } });
    await link.next('hello');
  }
  return link;
}

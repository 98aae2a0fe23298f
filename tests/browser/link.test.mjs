// link.test.mjs - UsherLink against a desk that is played by the test, on a clock that the test turns.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { UsherLink } from '../../examples/server/web/usher.js';
import { Store } from '../../examples/server/web/usher-outbox.js';

const S = 'a'.repeat(32);
const EPOCH = '0123456789abcdef';
const by = { kind: 'agent', id: 'ann', name: 'Ann' };

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static all = [];
  static get last() {
    return FakeSocket.all.at(-1);
  }
  sent = [];
  readyState = 0;
  constructor(url, protocol) {
    this.protocol = protocol;
    FakeSocket.all.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen({});
  }
  /** One frame with all of these. */
  tell(...objects) {
    this.onmessage({ data: objects.map((object) => JSON.stringify(object)).join('\n') });
  }
  end(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
  take(type) {
    const found = this.sent.filter((object) => object.type === type);
    this.sent = this.sent.filter((object) => object.type !== type);
    return found;
  }
}

/** A store of which no browser knows. */
const memory = () => new Store(() => null);

function begin(t, options = {}) {
  FakeSocket.all = [];
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_790_000_000_000 });
  t.after(() => mock.timers.reset());
  const link = new UsherLink({
    url: 'ws://desk/usher', as: 'visitor', space: 'v', storage: memory(), WebSocket: FakeSocket,
    random: () => 1, ...options });
  t.after(() => link.disconnect());
  link.connect();
  return link;
}

function greet(sessions = [], more = {}) {
  FakeSocket.last.open();
  FakeSocket.last.tell({ type: 'hello', as: 'visitor', visitor: 'b'.repeat(32), token: 'tok', epoch: EPOCH,
    desk: { open: true, queues: [], form: [] }, sessions, limits: { body: 8192, frame: 16384, key: 64 }, ...more });
}

const opened = { type: 'opened', session: S, index: 1, at: 1, by: { kind: 'visitor' }, queue: 'sales' };
const said = (index, body, more) => ({ type: 'said', session: S, index, at: index, by, body, ...more });
const failed = (link) => link.pending(S).filter((entry) => entry.failed);
const bodies = (link) => link.sessions.get(S).list().filter((fact) => fact.body).map((fact) => fact.body);

test('the first message is a hello, with the subprotocol, and the token is kept for the next', (t) => {
  const storage = memory();
  begin(t, { storage });
  greet();
  assert.equal(FakeSocket.last.protocol, 'usher.v1');
  assert.deepEqual(FakeSocket.last.sent, [{ type: 'hello', as: 'visitor' }]);
  assert.equal(storage.get('v.token'), 'tok');
});

test('a frame holds several objects; unknown types and fields are ignored', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened, { type: 'weather', sunny: true }, said(2, 'hello', { mood: 'good' }));
  assert.deepEqual(bodies(link), ['hello']);
});

test('it comes back with its cursors, and what comes twice counts once', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened, said(2, 'a'), said(3, 'b'));
  FakeSocket.last.end(1006);
  assert.equal(link.state, 'waiting');
  mock.timers.tick(500);
  greet([{ session: S, state: 'waiting', head: 4, queue: 'sales' }]);
  assert.deepEqual(FakeSocket.last.sent[0],
    { type: 'hello', as: 'visitor', token: 'tok', epoch: EPOCH, have: { [S]: 3 } });
  FakeSocket.last.tell(said(3, 'b'), said(4, 'c'));
  assert.deepEqual(bodies(link), ['a', 'b', 'c']);
});

test('an agent names both cursors, and at most 64 sessions', (t) => {
  const link = begin(t, { as: 'agent', token: 'secret' });
  greet([], { as: 'agent', agent: 'ann', name: 'Ann' });
  for (let i = 0; i < 70; i++) {
    const session = i.toString(16).padStart(32, '0');
    FakeSocket.last.tell({ ...opened, session }, { ...said(2, 'x'), session },
      { type: 'whispered', session, log: 'internal', index: 1, after: 2, at: 1, by, body: 'w' });
  }
  FakeSocket.last.end(1012);
  mock.timers.tick(500);
  FakeSocket.last.open();
  const { have, token } = FakeSocket.last.sent[0];
  assert.equal(token, 'secret');
  assert.equal(Object.keys(have).length, 64);
  assert.deepEqual(Object.values(have)[0], [2, 1]);
  assert.equal(link.sessions.size, 70);
});

test('what an agent has cleared away is not asked for again', (t) => {
  const link = begin(t, { as: 'agent', token: 'secret' });
  greet([], { as: 'agent', agent: 'ann', name: 'Ann' });
  FakeSocket.last.tell(opened, { ...opened, session: 'c'.repeat(32) });
  link.sessions.get(S).cleared = true;
  FakeSocket.last.end(1012);
  mock.timers.tick(500);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].have, { ['c'.repeat(32)]: [1, 0] });
  FakeSocket.last.tell({ type: 'hello', as: 'agent', agent: 'ann', epoch: EPOCH, sessions: [
    { session: S, state: 'active', head: 1, internal: 0, queue: 'sales' }] });
  assert.equal(link.sessions.get(S).cleared, false, 'he has it once more');
});

test('another epoch makes all that is known void', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened, said(2, 'a'));
  FakeSocket.last.end(1006);
  mock.timers.tick(500);
  greet([{ session: S, state: 'waiting', head: 1, queue: 'sales' }], { epoch: 'f'.repeat(16) });
  assert.equal(link.sessions.get(S).public.cursor, 0);
  FakeSocket.last.tell(opened);
  assert.deepEqual(bodies(link), []);
});

test('a session that hello does not list is forgotten', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  FakeSocket.last.end(1006);
  mock.timers.tick(500);
  greet([]);
  assert.equal(link.sessions.size, 0);
});

test('a gap is not shown as whole: the link is given up, and resumes', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened, said(3, 'c'));
  assert.equal(link.state, 'waiting');
  assert.deepEqual(bodies(link), []);
  mock.timers.tick(500);
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent[0].have, { [S]: 1 });
});

test('after a reset the log goes on from `first`, and history fills in before it', async (t) => {
  const link = begin(t);
  greet([{ session: S, state: 'active', head: 102, queue: 'sales' }]);
  FakeSocket.last.tell({ type: 'reset', session: S, head: 102, first: 101 }, said(101, 'y'), said(102, 'z'));
  assert.deepEqual(bodies(link), ['y', 'z']);
  assert.equal(link.sessions.get(S).state, 'active');
  assert.deepEqual(link.sessions.get(S).agent, { ...by, kind: 'agent' });
  const asked = link.history(S);
  const [{ key, ...command }] = FakeSocket.last.take('history');
  assert.deepEqual(command, { type: 'history', session: S, limit: 50, before: [101, 1] });
  FakeSocket.last.tell({ type: 'history', session: S, key, more: true, facts: [said(99, 'w'), said(100, 'x')] });
  await asked;
  assert.deepEqual(bodies(link), ['w', 'x', 'y', 'z']);
  assert.equal(link.sessions.get(S).public.cursor, 102);
});

test('older facts that do not join what is here are left out, and say nothing of what is older', (t) => {
  const link = begin(t);
  greet([{ session: S, state: 'active', head: 102, queue: 'sales' }]);
  FakeSocket.last.tell({ type: 'reset', session: S, head: 102, first: 101 }, said(101, 'y'), said(102, 'z'));
  FakeSocket.last.tell({ type: 'history', session: S, more: false, facts: [said(98, 'v'), said(99, 'w')] },
    { type: 'history', session: S, more: false, facts: [said(102, 'z')] });
  assert.deepEqual(bodies(link), ['y', 'z']);
  assert.equal(link.sessions.get(S).more, true);
  FakeSocket.last.tell({ type: 'history', session: S, more: false, facts: [said(100, 'x')] });
  assert.deepEqual(bodies(link), ['x', 'y', 'z']);
  assert.equal(link.sessions.get(S).more, false);
});

test('internal facts stand where they were written', (t) => {
  const link = begin(t, { as: 'agent', token: 'secret' });
  greet([{ session: S, state: 'active', head: 3, internal: 2, queue: 'sales' }], { as: 'agent', agent: 'ann' });
  const whispered = (index, after, body) => ({ type: 'whispered', session: S, log: 'internal', index, after, at: 1, by, body });
  FakeSocket.last.tell(opened, said(2, 'a'), said(3, 'b'), whispered(1, 2, 'n1'), whispered(2, 3, 'n2'));
  assert.deepEqual(bodies(link), ['a', 'n1', 'b', 'n2']);
});

test('while old facts stream in, the state is what hello said', (t) => {
  const link = begin(t);
  greet([{ session: S, state: 'closed', head: 3, queue: 'sales' }]);
  FakeSocket.last.tell(opened);
  assert.equal(link.sessions.get(S).state, 'closed');
  FakeSocket.last.tell(said(2, 'a'), { type: 'closed', session: S, index: 3, at: 3, by, why: 'asked' });
  assert.equal(link.sessions.get(S).state, 'closed');
  FakeSocket.last.tell({ type: 'reopened', session: S, index: 4, at: 4, by: { kind: 'visitor' }, queue: 'sales' });
  assert.equal(link.sessions.get(S).state, 'waiting');
});

test('one command of a session is on its way at a time, in the order of writing', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  link.say(S, 'two');
  const [first] = FakeSocket.last.take('say');
  assert.equal(first.body, 'one');
  assert.deepEqual(FakeSocket.last.take('say'), []);
  FakeSocket.last.tell(said(2, 'one', { key: first.key, by: { kind: 'visitor' } }));
  assert.equal(FakeSocket.last.take('say')[0].body, 'two');
});

test('what was not answered is sent again under the same key, also by the next page', (t) => {
  const storage = memory();
  const link = begin(t, { storage });
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  const [{ key }] = FakeSocket.last.take('say');
  link.disconnect();
  const next = new UsherLink({ url: 'ws://desk/usher', as: 'visitor', space: 'v', storage, WebSocket: FakeSocket,
    random: () => 1 });
  t.after(() => next.disconnect());
  next.connect();
  greet([{ session: S, state: 'waiting', head: 1, queue: 'sales' }]);
  assert.deepEqual(FakeSocket.last.take('say'), [{ type: 'say', session: S, body: 'one', key }]);
  FakeSocket.last.tell({ type: 'done', key, session: S, was: 2 });
  assert.deepEqual(storage.names(), ['v.token'], 'and no command');
});

test('the fact itself is the answer, even when it streams in before the command was repeated', (t) => {
  const storage = memory();
  const link = begin(t, { storage });
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  const [{ key }] = FakeSocket.last.take('say');
  FakeSocket.last.end(1006);
  mock.timers.tick(500);
  greet([{ session: S, state: 'waiting', head: 2, queue: 'sales' }]);
  FakeSocket.last.tell(said(2, 'one', { key, by: { kind: 'visitor' } }));
  assert.deepEqual(link.pending(S), []);
});

test('refused for now: the same again, not sooner than told', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  const [{ key }] = FakeSocket.last.take('say');
  FakeSocket.last.tell({ type: 'refused', key, why: 'too_fast', text: 'slowly', retry_ms: 3000 });
  mock.timers.tick(2900);
  assert.deepEqual(FakeSocket.last.take('say'), []);
  mock.timers.tick(200);
  assert.equal(FakeSocket.last.take('say')[0].key, key);
});

test('refused for good: it stays to be seen, and the next one goes', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  link.say(S, 'two');
  const [{ key }] = FakeSocket.last.take('say');
  FakeSocket.last.tell({ type: 'refused', key, why: 'closed', text: 'it is closed' });
  assert.equal(FakeSocket.last.take('say')[0].body, 'two');
  assert.deepEqual(failed(link).map((entry) => entry.failed.why), ['closed']);
  link.retry(key);
  assert.notEqual(link.pending(S)[0].key, key, 'a refused key is spent');
});

test('what is written before a start is answered follows it into its session', (t) => {
  const link = begin(t);
  greet();
  const start = link.start({ queue: 'sales', body: 'one', form: { name: 'Mara' } });
  link.say({ start }, 'two');
  assert.deepEqual(FakeSocket.last.take('start'),
    [{ type: 'start', queue: 'sales', body: 'one', form: { name: 'Mara' }, key: start }]);
  assert.deepEqual(FakeSocket.last.take('say'), []);
  FakeSocket.last.tell({ ...opened, key: start });
  const [{ key, ...command }] = FakeSocket.last.take('say');
  assert.deepEqual(command, { type: 'say', session: S, body: 'two' });
  assert.equal(link.pending(null).length, 0);
});

test('a start that finds a session open becomes a text in it', (t) => {
  const link = begin(t);
  greet();
  const start = link.start({ queue: 'sales', body: 'one' });
  link.say({ start }, 'two');
  FakeSocket.last.tell({ type: 'refused', key: start, why: 'taken', text: 'one is open', session: S });
  const [{ key, ...command }] = FakeSocket.last.take('say');
  assert.deepEqual(command, { type: 'say', session: S, body: 'one' });
  FakeSocket.last.tell({ type: 'done', key, session: S, was: 9 });
  assert.equal(FakeSocket.last.take('say')[0].body, 'two');
});

/** The same person's second tab, with a store of its own sight. */
function secondTab(t, options) {
  const link = new UsherLink({ url: 'ws://desk/usher', as: 'visitor', space: 'v', WebSocket: FakeSocket,
    random: () => 1, ...options });
  t.after(() => link.disconnect());
  link.connect();
  return link;
}

test('a start that two tabs are refused as taken becomes one text', (t) => {
  const storage = memory();
  const link = begin(t, { storage });
  greet();
  const start = link.start({ queue: 'sales', body: 'one' });
  secondTab(t, { storage });
  greet();
  const says = FakeSocket.all.flatMap((tab) => {
    assert.equal(tab.take('start')[0].key, start, 'without locks each tab sends');
    tab.tell({ type: 'refused', key: start, why: 'taken', text: 'one is open', session: S });
    return tab.take('say');
  });
  assert.deepEqual(says.map((say) => say.body), ['one', 'one']);
  assert.equal(says[0].key, says[1].key, 'and the desk does it once');
});

test('what a tab writes for a start that another one knows to be answered goes where that went', (t) => {
  const storage = memory();
  let held = false;
  const locks = { request: async (name, options, hold) => {
    held ||= hold() !== false;
    return new Promise(() => {});
  } };
  storage.set('v.token', 'tok');
  const link = begin(t, { storage, locks });
  greet();
  const other = secondTab(t, { storage, locks: { request: () => new Promise(() => {}) } });
  greet();
  const start = link.start({ queue: 'sales', body: 'one' });
  const [sender] = FakeSocket.all;
  sender.tell({ ...opened, key: start });
  other.say({ start }, 'two');
  link.stored(storage.names().find((name) => name.startsWith('v.out')));
  assert.deepEqual(sender.take('say').map((say) => [say.session, say.body]), [[S, 'two']]);
  FakeSocket.last.tell({ ...opened, key: start });
  other.say({ start }, 'three');
  assert.deepEqual(other.pending(S).map((entry) => [entry.command.body, entry.failed]),
    [['two', undefined], ['three', undefined]]);
});

test('it comes back after 0.5 s · 2^n up to 30 s, and asks the network for no more', (t) => {
  begin(t);
  for (const wait of [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
    const n = FakeSocket.all.length;
    FakeSocket.last.end(1006);
    mock.timers.tick(wait - 1);
    assert.equal(FakeSocket.all.length, n, `not before ${wait}`);
    mock.timers.tick(1);
    assert.equal(FakeSocket.all.length, n + 1);
  }
});

test('a server that says bye is given the time that it asks for', (t) => {
  begin(t, { random: () => 0 });
  greet();
  FakeSocket.last.tell({ type: 'bye', retry_ms: 4000 });
  FakeSocket.last.end(1012);
  mock.timers.tick(3999);
  assert.equal(FakeSocket.all.length, 1);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
});

test('a link that answers nothing is dead', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  mock.timers.tick(17000);
  assert.notEqual(link.state, 'open');
  mock.timers.tick(1000);
  greet([{ session: S, state: 'waiting', head: 1, queue: 'sales' }]);
  assert.equal(FakeSocket.last.take('say')[0].body, 'one');
});

test('a quiet link is asked whether it is there', (t) => {
  const link = begin(t);
  greet();
  mock.timers.tick(27000);
  const [{ key }] = FakeSocket.last.take('history');
  FakeSocket.last.tell({ type: 'refused', key, why: 'unknown', text: 'not yours' });
  mock.timers.tick(20000);
  assert.equal(link.state, 'open');
});

test('while nothing can be stored, patience', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened, { type: 'degraded', on: true });
  assert.equal(link.degraded, true);
  link.say(S, 'one');
  mock.timers.tick(60000);
  assert.equal(link.state, 'open');
  FakeSocket.last.tell({ type: 'degraded', on: false });
  assert.equal(link.degraded, false);
});

test('a frame that ends the link is not sent for ever', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  FakeSocket.last.end(1009);
  assert.deepEqual(failed(link).map((entry) => entry.failed.why), ['bad_frame']);
});

test('an agent who is not signed in does not come back by himself', (t) => {
  const link = begin(t, { as: 'agent', token: 'old' });
  FakeSocket.last.open();
  FakeSocket.last.tell({ type: 'refused', why: 'unauthorized', text: 'sign in' });
  FakeSocket.last.end(4401);
  assert.equal(link.state, 'signed_out');
  mock.timers.tick(60000);
  assert.equal(FakeSocket.all.length, 1);
});

test('an agent whose hello came too late for the desk comes back', (t) => {
  begin(t, { as: 'agent', token: 'secret' });
  FakeSocket.last.open();
  FakeSocket.last.end(4401);
  mock.timers.tick(500);
  assert.equal(FakeSocket.all.length, 2);
});

test('one link too many waits until it is wanted', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.end(4409);
  assert.equal(link.state, 'replaced');
  mock.timers.tick(60000);
  assert.equal(FakeSocket.all.length, 1);
  link.wake();
  mock.timers.tick(250);
  assert.equal(FakeSocket.all.length, 2);
});

test('seen names the last text of the other side, at most once in two seconds', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened, said(2, 'a'));
  link.seen(S);
  link.seen(S);
  assert.deepEqual(FakeSocket.last.take('seen'), [{ type: 'seen', session: S, index: 2 }]);
  FakeSocket.last.tell({ type: 'seen', session: S, index: 3, at: 3, by: { kind: 'visitor' }, upto: 2 }, said(4, 'b'));
  link.seen(S);
  assert.deepEqual(FakeSocket.last.take('seen'), []);
  mock.timers.tick(3000);
  assert.deepEqual(FakeSocket.last.take('seen').map((seen) => seen.index), [4]);
  FakeSocket.last.tell({ type: 'seen', session: S, index: 5, at: 5, by: { kind: 'visitor' }, upto: 4 });
  mock.timers.tick(9000);
  assert.deepEqual(FakeSocket.last.take('seen'), []);
  assert.equal(link.sessions.get(S).unread('visitor'), 0);
});

test('what waited since yesterday is not sent, but given back', (t) => {
  const link = begin(t);
  link.start({ queue: 'sales', body: 'one' });
  FakeSocket.last.end(1006);
  mock.timers.setTime(Date.now() + 25 * 3600 * 1000);
  mock.timers.tick(30000);
  greet();
  assert.deepEqual(FakeSocket.last.take('start'), []);
  assert.deepEqual(link.orphans().map((entry) => [entry.command.body, entry.failed.why]), [['one', 'old']]);
});

test('a text whose session is gone is an orphan, not silence', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  FakeSocket.last.end(1006);
  mock.timers.tick(500);
  greet([]);
  const [{ key }] = FakeSocket.last.take('say');
  FakeSocket.last.tell({ type: 'refused', key, why: 'unknown', text: 'not yours' });
  assert.deepEqual(link.orphans().map((entry) => entry.command.body), ['one']);
  link.discard(key);
  assert.deepEqual(link.orphans(), []);
});

test('where the browser forbids locks, hello is said and texts are sent all the same', async (t) => {
  for (const options of [{}, { as: 'agent', token: 'secret' }]) {
    let asked = 0;
    const locks = { request: async () => {
      asked += 1;
      return asked > 9 ? new Promise(() => {}) : Promise.reject(new DOMException('no', 'SecurityError'));
    } };
    const link = begin(t, { ...options, locks });
    FakeSocket.last.open();
    await new Promise(setImmediate);
    assert.equal(FakeSocket.last.take('hello').length, 1);
    greet();
    FakeSocket.last.tell(opened);
    await new Promise(setImmediate);
    link.say(S, 'one');
    assert.equal(FakeSocket.last.take('say')[0]?.body, 'one');
    assert.ok(asked < 9, 'not asked for again and again');
    link.disconnect();
    mock.timers.reset();
  }
});

test('what the browser has no room for is remembered until the page is left', (t) => {
  const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  const link = begin(t, { storage: new Store(() => Object.create(storage)) });
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'one');
  assert.deepEqual(link.pending(S).map((entry) => entry.command.body), ['one']);
  FakeSocket.last.end(1006);
  mock.timers.tick(500);
  FakeSocket.last.open();
  assert.equal(FakeSocket.last.sent[0].token, 'tok', 'the same visitor as before');
});

test('what may not stand in a frame is taken out', (t) => {
  const link = begin(t);
  greet();
  FakeSocket.last.tell(opened);
  link.say(S, 'a\0b \ud83d c \ud83d\ude00');
  assert.equal(FakeSocket.last.take('say')[0].body, 'ab \ufffd c \u{1f600}');
});

test('offers are shown anew by each hello, and end by offer_over', (t) => {
  const link = begin(t, { as: 'agent', token: 'secret' });
  greet([], { as: 'agent', agent: 'ann' });
  const over = [];
  link.on('offer_over', (note) => over.push(note.why));
  FakeSocket.last.tell({ type: 'offer', offer: 'o-1', session: S, queue: 'sales', until: 9e12, cost: 1 });
  assert.deepEqual([...link.offers.keys()], ['o-1']);
  FakeSocket.last.end(1006);
  assert.equal(link.offers.size, 0, 'nobody who is not there is offered anything');
  mock.timers.tick(500);
  greet([], { as: 'agent', agent: 'ann' });
  FakeSocket.last.tell({ type: 'offer', offer: 'o-1', session: S, queue: 'sales', until: 9e12, cost: 1 },
    { type: 'offer_over', offer: 'o-1', session: S, why: 'missed' });
  assert.deepEqual(over, ['missed']);
  assert.equal(link.offers.size, 0);
});

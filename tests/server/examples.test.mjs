/* examples.test.mjs - the embedding examples are desks: two people talk, a restart forgets nothing, Ctrl-C ends it.
 * SPDX-License-Identifier: MIT */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Link, binary, directory } from './harness.mjs';

const bin = dirname(binary);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

async function start(t, name, args) {
  const child = spawn(resolve(bin, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const desk = { child, err: '', ended: once(child, 'close').then(([code]) => code) };
  t.after(() => child.kill('SIGKILL'));
  child.stderr.on('data', (d) => (desk.err += d));
  desk.said = String(await Promise.race([once(child.stdout, 'data'), desk.ended]));
  desk.port = Number(/port (\d+)/.exec(desk.said)?.[1]);
  desk.origin = `http://127.0.0.1:${desk.port}`;
  return desk;
}

/* Whatever carries their frames: a visitor asks, ann answers. */
async function talk(visitor, ann) {
  ann.send({ type: 'ready', key: 'r1', on: true });
  visitor.send({ type: 'start', key: 's1', queue: 'sales', body: 'Is it blue?' });
  const { offer } = await ann.next('offer');
  ann.send({ type: 'accept', key: 'a1', offer });
  const { session } = await visitor.next('joined');
  ann.send({ type: 'say', key: 'k1', session, body: 'It is.' });
  await visitor.next('said');
  assert.equal((await visitor.next('said')).body, 'It is.');
}

for (const name of ['hello', 'own_loop', 'own_storage']) {
  test(`${name}: a visitor and ann talk, and SIGINT ends it cleanly`, async (t) => {
    const db = join(directory(t), 'desk.db');
    const desk = await start(t, name, ['127.0.0.1:0', db]);
    const visitor = await Link.open(desk);
    const { token } = await visitor.hello();
    const ann = await Link.open(desk);
    await ann.hello('ann-token');
    await talk(visitor, ann);
    desk.child.kill('SIGINT');
    assert.equal(await visitor.closed(), 1012);
    assert.equal(await ann.closed(), 1012);
    assert.equal(await desk.ended, 0);
    assert.equal(desk.err, '');

    const again = await start(t, name, ['127.0.0.1:0', db]);
    const back = await Link.open(again);
    back.send({ type: 'hello', as: 'visitor', token });
    assert.equal((await back.next('hello')).token, token);
    assert.equal((await back.next('said')).body, 'Is it blue?');
    again.child.kill('SIGINT');
    assert.equal(await again.ended, 0);
  });

  test(`${name}: somebody without ann's token is not ann`, async (t) => {
    const desk = await start(t, name, ['127.0.0.1:0', join(directory(t), 'desk.db')]);
    const mallory = await Link.open(desk);
    mallory.send({ type: 'hello', as: 'agent', token: 'guess' });
    assert.equal((await mallory.next('refused')).why, 'unauthorized');
    assert.equal(await mallory.closed(), 4401);
    desk.child.kill('SIGINT');
    assert.equal(await desk.ended, 0);
  });

  test(`${name}: a database that cannot be opened is said, and ends it`, async (t) => {
    const desk = await start(t, name, ['127.0.0.1:0', join(directory(t), 'no', 'such', 'desk.db')]);
    assert.equal(await desk.ended, 1);
    assert.match(desk.err, /no\/such\/desk\.db/);
    assert.ok(!desk.port, 'it says that it is open');
  });

  test(`${name}: an address in use is said, and ends it`, async (t) => {
    const dir = directory(t);
    const desk = await start(t, name, ['127.0.0.1:0', join(dir, 'desk.db')]);
    const second = await start(t, name, [`127.0.0.1:${desk.port}`, join(dir, 'other.db')]);
    assert.equal(await second.ended, 1);
    assert.match(second.err, /in use/i);
    desk.child.kill('SIGINT');
    assert.equal(await desk.ended, 0);
  });
}

test('own_storage: what was acknowledged is there after a kill -9', async (t) => {
  const log = join(directory(t), 'desk.log');
  const desk = await start(t, 'own_storage', ['127.0.0.1:0', log]);
  const visitor = await Link.open(desk);
  const { token } = await visitor.hello();
  visitor.send({ type: 'start', key: 's1', queue: 'sales', body: 'Is it blue?' });
  const { session } = await visitor.next('said');
  for (let n = 1; n <= 5; n++) {
    visitor.send({ type: 'say', key: `k${n}`, session, body: `number ${n}` });
    await visitor.next('said');
  }
  desk.child.kill('SIGKILL');
  await desk.ended;
  const again = await start(t, 'own_storage', ['127.0.0.1:0', log]);
  const back = await Link.open(again);
  back.send({ type: 'hello', as: 'visitor', token });
  for (let n = 0; n <= 5; n++) {
    assert.equal((await back.next('said')).body, n === 0 ? 'Is it blue?' : `number ${n}`);
  }
});

/** A link of own_transport: lines over a unix socket; a bare number is the close code. */
class Lines {
  got = [];
  text = '';
  over = false;

  static async open(path) {
    const link = new Lines();
    link.socket = net.connect(path);
    await once(link.socket, 'connect');
    link.socket.on('data', (d) => {
      const lines = (link.text + d).split('\n');
      link.text = lines.pop();
      link.got.push(...lines.map((line) => JSON.parse(line)));
      link.wake?.();
    });
    link.socket.on('close', () => {
      link.over = true;
      link.wake?.();
    });
    return link;
  }

  send(message) {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  async more() {
    assert.ok(!this.over, 'the link is over');
    await new Promise((done) => (this.wake = done));
  }

  /** The next message of this type; others stay for later. */
  async next(type) {
    for (;;) {
      const at = this.got.findIndex((message) => message.type === type);
      if (at >= 0) {
        return this.got.splice(at, 1)[0];
      }
      await this.more();
    }
  }

  async closed() {
    while (!this.over) {
      await this.more();
    }
    return this.got.at(-1);
  }
}

test('own_transport: two people talk in lines, and SIGINT gives the close code as the last one', async (t) => {
  const dir = directory(t);
  const path = join(dir, 'desk.sock');
  const desk = await start(t, 'own_transport', [path, join(dir, 'desk.db')]);
  const visitor = await Lines.open(path);
  visitor.send({ type: 'hello', as: 'visitor' });
  await visitor.next('hello');
  const ann = await Lines.open(path);
  ann.send({ type: 'hello', as: 'agent', token: 'ann-token' });
  await ann.next('hello');
  await talk(visitor, ann);
  const long = await Lines.open(path);
  long.socket.write('x'.repeat(70000));
  assert.equal(await long.closed(), 1009);
  desk.child.kill('SIGINT');
  assert.equal(await visitor.closed(), 1012);
  assert.equal(await ann.closed(), 1012);
  assert.equal(await desk.ended, 0);
  assert.equal(desk.err, '');
  assert.ok(!existsSync(path));
});

test('own_transport: a socket that cannot be made is said, and ends it', async (t) => {
  const dir = directory(t);
  const desk = await start(t, 'own_transport', [join(dir, 'no', 'desk.sock'), join(dir, 'desk.db')]);
  assert.equal(await desk.ended, 1);
  assert.match(desk.err, /no\/desk\.sock/);
});

function run(name, args) {
  return new Promise((done) => {
    execFile(resolve(bin, name), args, (error, out, err) => done({ code: error?.code ?? 0, out, err }));
  });
}

test('replay: a recorded world comes out the same; a doctored tape does not', async (t) => {
  const tape = join(directory(t), 'world.tape');
  const recorded = await run('replay', ['--record', '8', tape]);
  assert.equal(recorded.code, 0, recorded.err);
  const facts = Number(/^(\d+) facts/.exec(recorded.out)[1]);
  const played = await run('replay', [tape]);
  assert.equal(played.code, 0, played.err);
  assert.match(played.out, /as recorded\n$/);
  const seqs = played.out.split('\n').map((line) => /^ *(\d+)  /.exec(line)?.[1]).filter(Boolean);
  assert.ok(facts > 0 && new Set(seqs).size >= facts);

  const bytes = readFileSync(tape);
  bytes[bytes.length - 1] ^= 1; // The last number is the count of effects.
  writeFileSync(tape, bytes);
  const doctored = await run('replay', [tape]);
  assert.equal(doctored.code, 1);
  assert.match(doctored.out, /another than the recorded/);
  writeFileSync(tape, 'no tape');
  assert.equal((await run('replay', [tape])).code, 1);
});

const embed = join(root, 'examples/embed');

function get(port, path, headers = {}) {
  return new Promise((done, failed) => {
    http.get({ host: '127.0.0.1', port, path, headers, agent: false }, (res) => {
      let body = '';
      res.on('data', (d) => (body += d));
      res.on('end', () => done({ status: res.statusCode, type: res.headers['content-type'], body }));
    }).on('error', failed);
  });
}

async function open(t, name, more = []) {
  const shop = await start(t, name, ['0', join(embed, 'pages'), ...more]);
  shop.pages = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(shop.said)[1]);
  shop.opened = async () => {
    while (!/listens on/.test(shop.err)) {
      await once(shop.child.stderr, 'data');
    }
    shop.port = Number(/^usher: info: listens on 127\.0\.0\.1:(\d+)$/m.exec(shop.err)[1]);
  };
  shop.origin = `http://127.0.0.1:${shop.pages}`;
  return shop;
}

for (const name of ['shop', 'shop_with_usher']) {
  test(`embed: ${name} serves its pages, and orders to its staff only`, async (t) => {
    const shop = await open(t, name, name === 'shop' ? [] : ['127.0.0.1:0', join(directory(t), 'shop.db')]);
    const front = await get(shop.pages, '/?from=mail');
    assert.equal(front.status, 200);
    assert.equal(front.body, readFileSync(join(embed, 'pages/index.html'), 'utf8'));
    assert.equal((await get(shop.pages, '/shop.css')).type, 'text/css');
    assert.equal((await get(shop.pages, '/orders.html')).status, 401);
    const orders = await get(shop.pages, '/orders.html', { Authorization: 'Bearer ann-7f3c19' });
    assert.match(orders.body, /ladder/);
    for (const path of ['/../shop.c', '/nothing.html', '/shop', '//etc/passwd']) {
      assert.equal((await get(shop.pages, path)).status, 404, path);
    }
    shop.child.kill('SIGINT');
    assert.equal(await shop.ended, 0);
  });
}

test('embed: several requests at once on one connection, and one that is too long', async (t) => {
  const shop = await open(t, 'shop');
  const socket = net.connect(shop.pages, '127.0.0.1');
  let text = '';
  socket.on('data', (d) => (text += d));
  socket.write('HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /shop.css HTTP/1.1\r\nHost: x\r\n\r\n'
    + 'GET /no.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
  assert.ok(!text.includes('<!doctype'));
  const long = net.connect(shop.pages, '127.0.0.1');
  let answer = '';
  long.on('data', (d) => (answer += d));
  long.on('error', () => {});
  long.write(`GET / HTTP/1.1\r\nX: ${'x'.repeat(9000)}`);
  await once(long, 'close');
  assert.match(answer, /^HTTP\/1\.1 431/);
});

test('embed: chat with the keys of the shop\'s own table, for pages of the shop only', async (t) => {
  const db = join(directory(t), 'shop.db');
  const shop = await open(t, 'shop_with_usher', ['127.0.0.1:0', db]);
  await shop.opened();
  const visitor = await Link.open(shop);
  await visitor.hello();
  const ann = await Link.open(shop);
  const { agent } = await ann.hello('ann-7f3c19');
  assert.equal(agent, 'ann');
  await talk(visitor, ann);
  const mallory = await Link.open(shop);
  mallory.send({ type: 'hello', as: 'agent', token: 'ann-7f3c18' });
  assert.equal(await mallory.closed(), 4401);
  await assert.rejects(Link.open(shop, { origin: 'https://elsewhere.example' }), /403/);
  shop.child.kill('SIGINT');
  assert.equal(await visitor.closed(), 1012);
  assert.equal(await shop.ended, 0);
  assert.deepEqual(shop.err.trimEnd().split('\n').slice(1), [
    'usher: warning: a page of "https://elsewhere.example" was refused: not among the configured origins']);
});

test('embed: a store that cannot be opened is said, and the shop goes on', async (t) => {
  const shop = await open(t, 'shop_with_usher', ['127.0.0.1:0', join(directory(t), 'no', 'shop.db')]);
  while (!/no\/shop\.db/.test(shop.err)) {
    await once(shop.child.stderr, 'data');
  }
  assert.equal((await get(shop.pages, '/')).status, 200);
  shop.child.kill('SIGINT');
  assert.equal(await shop.ended, 0);
  assert.doesNotMatch(shop.said + shop.err, /chat|listens/);
  assert.equal(shop.err.match(/\n/g).length, 1);
});

test('embed: a store whose name is none is said at once', async (t) => {
  const shop = await start(t, 'shop_with_usher', ['0', join(embed, 'pages'), '127.0.0.1:0', '']);
  assert.equal(await shop.ended, 1);
  assert.match(shop.err, /^shop: cannot open the chat: .*name.*\n$/);
});

test('embed: chat takes at most 30 added lines', async () => {
  const [before, after] = await Promise.all(['shop.c', 'shop_with_usher.c'].map((f) => join(embed, f)));
  const diff = await new Promise((done) => {
    execFile('diff', [before, after], (error, out) => done(out));
  });
  const added = diff.split('\n').filter((line) => /^> *[^ ]/.test(line));
  assert.ok(added.length > 0 && added.length <= 30, `${added.length} lines`);
});

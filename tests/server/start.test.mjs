// start.test.mjs - how the server starts, what it prints, what it refuses, and how it stops.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { demo, directory, run, Server, writeConfig } from './harness.mjs';

const store = (dir) => `sqlite:${join(dir, 'desk.db')}`;

test('demo passwords stand alone on lines, in order, before the listening line, every time', async (t) => {
  const dir = directory(t);
  const file = writeConfig(dir, demo());
  const wanted = demo().agents.map((a) => `${a.id} ${a.password}`);
  for (let i = 0; i < 2; i++) {
    const s = await Server.start(t, ['--config', file, '--store', store(dir)]);
    assert.deepEqual(s.out.trimEnd().split('\n'), [...wanted, `usher-server: listening on ${s.origin}`]);
    assert.deepEqual(await s.stop(), { code: 0, signal: null });
  }
});

test('the demo is built in', async (t) => {
  const dir = directory(t);
  const s = await Server.start(t, [], { cwd: dir });
  assert.deepEqual(Object.keys(s.passwords), ['ann', 'bea', 'cyd', 'sue']);
  assert.equal((await s.get('/')).status, 200);
  assert.ok(existsSync(join(dir, 'usher-demo.db')));
  assert.equal((await s.stop()).code, 0);
});

test('/healthz is 200 when frames are accepted', async (t) => {
  const s = await Server.start(t, ['--store', 'memory:']);
  const { status, body } = await s.get('/healthz');
  assert.equal(status, 200);
  assert.equal(body, 'ok\n');
  const link = await s.link();
  assert.match((await link.hello()).visitor, /^[0-9a-f]{32}$/);
});

test('--check tests a configuration and does nothing else', async (t) => {
  const dir = directory(t);
  const good = await run(['--check', '--config', writeConfig(dir, demo())], { cwd: dir });
  assert.deepEqual([good.code, good.err], [0, '']);
  assert.ok(!existsSync(join(dir, 'usher-demo.db')));
  const config = demo();
  config.agents[2].queues[0] = 'retuns';
  writeConfig(dir, config);
  const bad = await run(['--check', '--config', 'demo.json'], { cwd: dir });
  assert.equal(bad.code, 1);
  assert.equal(bad.out, '');
  assert.equal(bad.err, 'demo.json: agents[2].queues[0]: no such queue "retuns"\n');
  assert.equal((await run(['--check'])).code, 0);
});

test('a bad configuration is refused in one line, with and without --check', async (t) => {
  const dir = directory(t);
  const cases = [
    [(c) => (c.colour = 1), 'colour: unknown key'],
    [(c) => (c.queues[0].open = 'yes'), 'queues[0].open: must be true or false'],
    [(c) => c.queues.push({ id: 'sales' }), 'queues[2].id: queues[0] already has the id "sales"'],
    [(c) => (c.agents[1].id = 'ann'), 'agents[1].id: agents[0] already has the id "ann"'],
    [(c) => (c.listen = '0.0.0.0:0'), 'listen: demo mode is for a loopback address only, not "0.0.0.0:0"'],
    [(c) => (c.demo = false), 'agents[0].password: outside demo mode only "password_hash" is taken'],
    [(c) => delete c.agents[3].password, 'agents[3].password: is missing'],
  ];
  for (const [spoil, message] of cases) {
    const config = demo();
    spoil(config);
    const file = writeConfig(dir, config, 'x.json');
    for (const flags of [['--check'], []]) {
      const r = await run([...flags, '--config', 'x.json'], { cwd: dir });
      assert.deepEqual([r.code, r.err, r.out], [1, `x.json: ${message}\n`, ''], file);
    }
  }
  writeConfig(dir, '{\n"demo": true,\n', 'x.json');
  const r = await run(['--check', '--config', 'x.json'], { cwd: dir });
  assert.match(r.err, /^x\.json:3:1: .+\n$/);
  const none = await run(['--check', '--config', 'none.json'], { cwd: dir });
  assert.deepEqual([none.code, none.err], [1, 'none.json: No such file or directory\n']);
});

test('the command line is checked', async () => {
  for (const args of [['--chek'], ['demo.json'], ['--config'], ['--store='], ['--check=1']]) {
    const r = await run(args);
    assert.equal(r.code, 2, args.join(' '));
    assert.match(r.err, /^usher-server: .+\nusage: usher-server/);
  }
  const off = await run(['--listen', '0.0.0.0:0']);
  assert.deepEqual([off.code, off.err],
    [1, '--listen: demo mode is for a loopback address only, not "0.0.0.0:0"\n']);
  assert.equal((await run(['--store', 'redis:'])).code, 1);
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /--hash-password/);
  const version = await run(['--version']);
  assert.deepEqual([version.code, version.out], [0, 'usher-server 0.1.0\n']);
});

test('off loopback it wants TLS in front, or to be told that it is insecure', async (t) => {
  const dir = directory(t);
  const hash = (await run(['--hash-password'], { input: 'long enough\n' })).out.trim();
  const config = {
    listen: '0.0.0.0:0',
    queues: [{ id: 'sales' }],
    agents: [{ id: 'ann', password_hash: hash, queues: ['sales'] }],
  };
  const refused = await run(['--check', '--config', writeConfig(dir, config)]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /listen: not a loopback address; set tls_in_front, or insecure/);
  for (const key of ['insecure', 'tls_in_front']) {
    const r = await run(['--check', '--config', writeConfig(dir, { ...config, [key]: true })]);
    assert.equal(r.code, 0, key);
  }
});

test('a port in use is one clear line', async (t) => {
  const s = await Server.start(t, ['--store', 'memory:']);
  const r = await run(['--store', 'memory:', '--listen', `127.0.0.1:${s.port}`]);
  assert.equal(r.code, 1);
  assert.match(r.err, /^usher-server: [^\n]*in use[^\n]*\n$/);
});

test('a store that is not usher\'s, or that another server has, is refused untouched', async (t) => {
  const dir = directory(t);
  const foreign = join(dir, 'foreign.db');
  writeFileSync(foreign, 'This is not a database. '.repeat(100));
  const before = readFileSync(foreign);
  const r = await run(['--store', `sqlite:${foreign}`, '--listen', '127.0.0.1:0']);
  assert.equal(r.code, 1);
  assert.doesNotMatch(r.out, /listening/);
  assert.match(r.err, /^usher-server: [^\n]+\n$/);
  assert.deepEqual(readFileSync(foreign), before);
  assert.ok(!existsSync(`${foreign}.key`));

  const s = await Server.start(t, ['--store', store(dir)]);
  const second = await run(['--store', store(dir), '--listen', '127.0.0.1:0']);
  assert.equal(second.code, 1);
  assert.match(second.err, /^usher-server: [^\n]+\n$/);
  assert.doesNotMatch(second.out, /listening/);
  assert.equal((await s.get('/healthz')).status, 200);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} says bye to every link, then ends with 0`, async (t) => {
    const s = await Server.start(t, ['--store', 'memory:']);
    const link = await s.link();
    await link.hello();
    s.child.kill(signal);
    assert.equal(typeof (await link.next('bye')).retry_ms, 'number');
    assert.equal(await link.closed(), 1012);
    link.close();
    assert.deepEqual(await s.ended, { code: 0, signal: null });
  });
}

test('a second signal ends it at once', async (t) => {
  const s = await Server.start(t, ['--store', 'memory:']);
  // A peer that does not answer the close keeps the drain going until its time is up.
  const link = await s.link();
  await link.hello();
  link.socket.pause();
  s.child.kill('SIGTERM');
  await s.logged(/"event":"stopping"/);
  s.child.kill('SIGINT');
  assert.deepEqual(await s.ended, { code: 130, signal: null });
});

test('what was said survives a stop and a kill', async (t) => {
  const dir = directory(t);
  let token;
  let session;
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM']) {
    const s = await Server.start(t, ['--store', store(dir)]);
    const link = await s.link();
    link.send({ type: 'hello', as: 'visitor', ...(token && { token }) });
    const hello = await link.next('hello');
    if (token) {
      assert.deepEqual(hello.sessions.map((x) => x.session), [session]);
      assert.equal((await link.next('said')).body, 'Is it blue?');
    } else {
      token = hello.token;
      link.send({ type: 'start', key: 'k1', queue: 'sales', body: 'Is it blue?' });
      session = (await link.next('opened')).session;
      await link.next('said');
    }
    await s.stop(signal);
  }
});

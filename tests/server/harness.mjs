// harness.mjs - starts the real usher-server on a free port in a directory of its own, and talks to it.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = resolve(root, process.env.USHER_SERVER ?? 'build/bin/usher-server');
export const demo = () => JSON.parse(readFileSync(join(root, 'examples/server/demo.json'), 'utf8'));

/** A directory that goes away with the test. */
export function directory(t) {
  const dir = mkdtempSync(join(tmpdir(), 'usher-server-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function writeConfig(dir, config, name = 'demo.json') {
  const file = join(dir, name);
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
}

/** Run to the end: { code, signal, out, err }. */
export async function run(args, { input = '', cwd } = {}) {
  const child = spawn(binary, args, { cwd });
  let out = '';
  let err = '';
  child.stdout.on('data', (d) => (out += d));
  child.stderr.on('data', (d) => (err += d));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, 'close');
  return { code, signal, out, err };
}

/** A running server. Its clients may come from any 127.x.y.z. */
export class Server {
  out = '';
  err = '';
  /** Resolves when it listens; rejects with its stderr when it ends before. `under`: a command that runs it. */
  static async start(t, args, { cwd, under = [] } = {}) {
    const s = new Server();
    const [command, ...rest] = [...under, binary, '--listen', '127.0.0.1:0', ...args];
    s.child = spawn(command, rest, { cwd });
    s.ended = once(s.child, 'close').then(([code, signal]) => ({ code, signal }));
    t.after(async () => {
      s.child.kill('SIGKILL');
      await s.ended;
    });
    s.child.stderr.on('data', (d) => (s.err += d));
    await new Promise((done, failed) => {
      s.child.stdout.on('data', (d) => {
        s.out += d;
        const m = /^usher-server: listening on http:\/\/127\.0\.0\.1:(\d+)$/m.exec(s.out);
        if (m && !s.port) {
          s.port = Number(m[1]);
          done();
        }
      });
      s.ended.then(({ code }) => failed(new Error(`ended with ${code}: ${s.err}`)));
    });
    s.origin = `http://127.0.0.1:${s.port}`;
    return s;
  }

  /** "ID PASSWORD" lines, in order. */
  get passwords() {
    return Object.fromEntries(
      this.out.split('\n').map((l) => /^(\S+) (\S+)$/.exec(l)).filter(Boolean).map((m) => [m[1], m[2]]));
  }

  /** Wait until what it logged matches. */
  async logged(pattern) {
    while (!pattern.test(this.err)) {
      await once(this.child.stderr, 'data');
    }
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.ended;
  }

  /** One HTTP request: { status, headers, body }. */
  request(method, path, { headers = {}, body, from } = {}) {
    return new Promise((done, failed) => {
      const req = http.request(
        { host: '127.0.0.1', port: this.port, localAddress: from, method, path, headers, agent: false },
        (res) => {
          let text = '';
          res.setEncoding('utf8');
          res.on('data', (d) => (text += d));
          res.on('end', () => done({ status: res.statusCode, headers: res.headers, body: text }));
        });
      req.on('error', failed);
      req.end(body);
    });
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  login(agent, password, { from, origin = this.origin } = {}) {
    return this.request('POST', '/usher/login', {
      from,
      headers: { Origin: origin, 'Content-Type': 'application/json' },
      body: JSON.stringify({ agent, password }),
    });
  }

  link(options) {
    return Link.open(this, options);
  }
}

/** One WebSocket, with just enough of RFC 6455 for a test. */
export class Link {
  #bytes = Buffer.alloc(0);
  #waiting = [];
  messages = [];
  pongs = [];
  code = null;

  static async open(server, { from, origin = server.origin } = {}) {
    const link = new Link();
    const key = randomBytes(16).toString('base64');
    link.socket = net.connect({ host: '127.0.0.1', port: server.port, localAddress: from });
    await once(link.socket, 'connect');
    link.socket.write(
      `GET /usher HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: usher.v1\r\nOrigin: ${origin}\r\n\r\n`);
    const accept = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    await new Promise((done, failed) => {
      const head = (data) => {
        link.#bytes = Buffer.concat([link.#bytes, data]);
        const end = link.#bytes.indexOf('\r\n\r\n');
        if (end < 0) {
          return;
        }
        const text = link.#bytes.subarray(0, end).toString();
        link.socket.off('data', head);
        if (!text.startsWith('HTTP/1.1 101') || !text.includes(accept)) {
          failed(new Error(text));
          return;
        }
        link.#bytes = link.#bytes.subarray(end + 4);
        link.socket.on('data', (d) => link.#take(d));
        link.#take(Buffer.alloc(0));
        done();
      };
      link.socket.on('data', head);
      link.socket.on('error', () => {});
      link.socket.on('close', () => {
        failed(new Error('closed before the handshake'));
        link.code ??= 1006;
        link.#wake();
      });
    });
    return link;
  }

  #take(data) {
    this.#bytes = Buffer.concat([this.#bytes, data]);
    for (;;) {
      const b = this.#bytes;
      if (b.length < 2) {
        return;
      }
      let at = 2;
      let length = b[1] & 0x7f;
      if (length === 126) {
        if (b.length < 4) return;
        length = b.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (b.length < 10) return;
        length = Number(b.readBigUInt64BE(2));
        at = 10;
      }
      if (b.length < at + length) {
        return;
      }
      const payload = b.subarray(at, at + length);
      const opcode = b[0] & 0x0f;
      this.#bytes = b.subarray(at + length);
      if (opcode === 1) {
        for (const line of payload.toString().split('\n')) {
          this.messages.push(JSON.parse(line));
        }
      } else if (opcode === 8) {
        this.code = length >= 2 ? payload.readUInt16BE(0) : 1005;
      } else if (opcode === 9) {
        this.#frame(10, payload);
      } else if (opcode === 10) {
        this.pongs.push(payload.toString());
      }
      this.#wake();
    }
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
  }

  #frame(opcode, payload) {
    const mask = randomBytes(4);
    const head = payload.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 255]);
    const masked = Buffer.from(payload.map((byte, i) => byte ^ mask[i % 4]));
    this.socket.write(Buffer.concat([head, mask, masked]));
  }

  send(message) {
    this.#frame(1, Buffer.from(JSON.stringify(message)));
  }

  /** Something has come, or the link is closed. */
  async news() {
    assert.equal(this.code, null, 'nothing comes any more');
    await new Promise((wake) => this.#waiting.push(wake));
  }

  /** The first message of this type that was not yet taken. */
  async next(type) {
    for (;;) {
      const i = this.messages.findIndex((m) => m.type === type);
      if (i >= 0) {
        return this.messages.splice(i, 1)[0];
      }
      if (this.code !== null) {
        throw new Error(`closed with ${this.code}, no ${type}`);
      }
      await this.news();
    }
  }

  /** The code that the server closes with. */
  async closed() {
    while (this.code === null) {
      await this.news();
    }
    return this.code;
  }

  async hello(token) {
    this.send(token === undefined ? { type: 'hello', as: 'visitor' } : { type: 'hello', as: 'agent', token });
    return this.next('hello');
  }

  close() {
    this.socket.destroy();
  }
}

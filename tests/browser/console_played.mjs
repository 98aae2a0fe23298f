// console_played.mjs - the console at a desk that is played by the test: any state, at once.
// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { DESKTOP, person } from './harness.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const QUEUES = [{ id: 'sales', name: 'Sales', open: true, ready: true, own: true },
  { id: 'returns', name: 'Returns', open: true, ready: false }];
export const id = (n) => n.toString(16).padStart(32, '0');
const ann = { kind: 'agent', id: 'ann', name: 'Ann' };

/** What axe finds wrong with the page as it is now: nothing. */
export async function noFaults(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  });
  assert.deepEqual(found, [], `${what}: nothing that axe finds`);
}

/** A session in facts: who says what, and whatever else is in `more`. */
export function session(n, name, texts, { queue = 'sales', ago = 600000, form, pages = [], joined = true } = {}) {
  const at = Date.now() - ago;
  const visitor = { kind: 'visitor', name };
  const facts = [{ type: 'opened', by: visitor, queue, form: form ?? { name } }];
  let index = 0;
  const internal = [];
  for (const [who, body] of texts) {
    if (index === 1 && joined) {
      facts.push({ type: 'joined', agent: { id: 'ann', name: 'Ann' } });
    }
    index += 1;
    if (who === 'note') {
      internal.push({ type: 'whispered', log: 'internal', by: ann, body, after: facts.length });
    } else {
      facts.push({ type: 'said', by: who === 'ann' ? ann : visitor, body });
    }
  }
  internal.unshift(...pages.map(([url, title]) => ({ type: 'visited', log: 'internal', by: visitor, url, title, after: 1 })));
  const stamp = (fact, i, all) => ({ session: id(n), index: i + 1, at: Math.round(at + (ago * (i + 1)) / (all.length + 1)), ...fact });
  const all = [...facts.map(stamp), ...internal.map(stamp)];
  return { facts: all, entry: { session: id(n), state: joined ? 'active' : 'waiting', head: facts.length,
    internal: internal.length, queue } };
}

export class Played {
  /** hello: what its hello says besides; sessions: of session() above; answer(command): what it answers, if not `done`. */
  static async open(t, browser, server, { options = DESKTOP, hello = {}, sessions = [], answer = () => undefined,
    prefs = {}, silent = false } = {}) {
    const played = new Played();
    Object.assign(played, { commands: [], hello, sessions, answer, silent, shut: false });
    played.context = await person(t, browser, options);
    await played.context.addInitScript((kept) => {
      if (location.protocol === 'about:') {
        return;
      }
      sessionStorage.setItem('usher.agent', JSON.stringify({ agent: 'ann', token: 'played' }));
      for (const [name, value] of Object.entries(kept)) {
        localStorage.setItem(`usher.console.${name}`, localStorage.getItem(`usher.console.${name}`) ?? JSON.stringify(value));
      }
    }, prefs);
    played.page = await played.context.newPage();
    await played.page.routeWebSocket(/\/usher$/, (socket) => played.take(socket));
    await played.page.goto(`${server.url}/console/`);
    if (!silent) {
      await played.page.locator('.me').waitFor();
    }
    return played;
  }

  take(socket) {
    if (this.shut) {
      socket.close();
      return;
    }
    this.socket = socket;
    socket.onMessage((text) => {
      const command = JSON.parse(text);
      this.commands.push(command);
      if (command.type === 'hello') {
        if (!this.silent) {
          this.greet();
        }
        return;
      }
      const answer = this.answer(command, this) ?? [{ type: 'done' }];
      this.tell(...answer.map((note) => ({ ...note, ...(command.key && note.key !== null ? { key: command.key } : {}) })));
    });
  }

  greet() {
    this.tell({ type: 'hello', as: 'agent', agent: 'ann', name: 'Ann', role: 'agent', ready: true, capacity: 6,
      epoch: '0123456789abcdef', now: Date.now(), queues: QUEUES, agents: [{ id: 'bea', name: 'Bea' }, { id: 'cyd', name: 'Cyd' }],
      features: [], limits: { body: 8192, frame: 65536, key: 64 }, ...this.hello,
      sessions: this.sessions.map((one) => one.entry) });
    for (const one of this.sessions) {
      this.tell(...one.facts);
      this.tell({ type: 'presence', session: one.entry.session, who: 'visitor', here: true });
    }
  }

  tell(...objects) {
    this.socket.send(objects.map((object) => JSON.stringify(object)).join('\n'));
  }

  offer(n, name, seconds = 18, more = {}) {
    this.tell({ type: 'offer', offer: `o-${n}`, session: id(900 + n), queue: 'sales', until: Date.now() + seconds * 1000,
      form: { name }, cost: 1, ...more });
  }

  column(name) {
    return this.page.locator('.column', { has: this.page.locator('h2', { hasText: name }) });
  }

  /** The commands of this type so far. */
  sent(type) {
    return this.commands.filter((command) => command.type === type);
  }
}

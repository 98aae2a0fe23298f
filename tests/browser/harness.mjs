// harness.mjs - the real server with a store of its own, a real browser, and the people of a desk.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const binary = resolve(root, process.env.USHER_SERVER ?? 'build/bin/usher-server');
const pictures = resolve(root, process.env.B ?? 'build', 'screenshots');
const demo = JSON.parse(readFileSync(join(root, 'examples/server/demo.json'), 'utf8'));

export const DESKTOP = { viewport: { width: 1280, height: 860 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
/** How long a person would wait for anything here. */
export const PATIENCE = 30000;

/** A server that can be killed, and started anew on the same port and store. */
export class Server {
  /** change(config) may alter the demo's configuration. */
  static async start(t, change = () => {}) {
    const s = new Server();
    const config = structuredClone(demo);
    change(config);
    s.dir = mkdtempSync(join(tmpdir(), 'usher-browser-'));
    writeFileSync(join(s.dir, 'config.json'), JSON.stringify(config));
    s.passwords = Object.fromEntries(config.agents.map((agent) => [agent.id, agent.password]));
    await s.up(0);
    t.after(async () => {
      await s.kill();
      rmSync(s.dir, { recursive: true, force: true });
    });
    return s;
  }

  async up(port = this.port) {
    const args = ['--config', join(this.dir, 'config.json'), '--listen', `127.0.0.1:${port}`,
      '--store', `sqlite:${join(this.dir, 'store.db')}`];
    this.err = '';
    this.child = spawn(binary, args, { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.child, 'close');
    this.child.stderr.on('data', (d) => (this.err += d));
    let out = '';
    await new Promise((done, failed) => {
      this.child.stdout.on('data', (d) => {
        out += d;
        const m = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(out);
        if (m) {
          this.port = Number(m[1]);
          done();
        }
      });
      this.ended.then(() => failed(new Error(`the server ended: ${this.err}`)));
    });
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

let browser;
after(async () => (await browser)?.close());

/** One browser for all tests of a file; each has its own contexts in it. */
export function launch() {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  return browser;
}

/** A person's browser: pages that may not throw, nor break the content policy. */
export async function person(t, browser, options = DESKTOP) {
  const context = await browser.newContext(options);
  const faults = [];
  context.setDefaultTimeout(PATIENCE);
  await context.exposeBinding('usherTestFault', (source, text) => faults.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.usherTestFault(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  context.on('weberror', (error) => faults.push(String(error.error().stack ?? error.error())));
  context.on('console', (message) => {
    if (/content.security.policy/i.test(message.text())) {
      faults.push(message.text());
    }
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, [], 'pages throw nothing and keep the content policy');
  });
  return context;
}

/** Every frame that a page receives, as text; call it before the page is opened. */
export function frames(page) {
  const list = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => list.push(String(payload)));
  });
  return list;
}

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
}

/** The shop as a visitor uses it. */
export class Shop {
  static async open(context, server, path = '/') {
    const shop = new Shop();
    shop.page = await context.newPage();
    shop.frames = frames(shop.page);
    await shop.page.goto(server.url + path);
    shop.launcher = shop.page.locator('usher-chat .launcher');
    shop.panel = shop.page.locator('usher-chat .panel');
    shop.area = shop.panel.locator('.composer textarea');
    return shop;
  }

  async click() {
    await this.launcher.click();
    await this.panel.waitFor();
  }

  async start(body, { name, queue } = {}) {
    await this.click();
    await this.panel.locator('.start .primary:enabled').waitFor();
    if (queue !== undefined) {
      await this.panel.locator(`input[value=${queue}]`).check();
    }
    if (name !== undefined) {
      await this.panel.locator('#start-name').fill(name);
    }
    await this.panel.locator('#start-body').fill(body);
    await this.panel.locator('.start .primary').click();
    await this.message(body, 'sent');
  }

  async say(body) {
    await this.area.fill(body);
    await this.area.press('Enter');
  }

  /** Wait for a text of ours that is sending, sent or seen; what is seen was sent. */
  message(body, tick) {
    const hasText = tick === 'sent' ? /^(sent|seen)$/ : tick;
    return this.panel.locator('.message', { has: this.page.getByText(body, { exact: true }) })
      .locator('.tick', { hasText }).first().waitFor();
  }

  /** Wait for a text of theirs. */
  heard(body) {
    return this.panel.locator('.message:not(.mine) .bubble', { hasText: body }).first().waitFor();
  }

  /** All texts, as they stand. */
  texts() {
    return this.panel.locator('.bubble:visible').allTextContents();
  }

  event(text) {
    return this.panel.locator('.event', { hasText: text }).first().waitFor();
  }
}

/** The console as an agent uses it. */
export class Desk {
  static async open(context, server, agent) {
    const desk = new Desk();
    desk.page = await context.newPage();
    desk.offer = desk.page.locator('.offer');
    await desk.page.goto(`${server.url}/console/`);
    await desk.page.getByLabel('Agent').fill(agent);
    await desk.page.getByLabel('Password').fill(server.passwords[agent]);
    await desk.page.getByRole('button', { name: 'Sign in' }).click();
    await desk.page.locator('.switch > button:enabled').waitFor();
    return desk;
  }

  async ready() {
    await this.page.getByRole('button', { name: 'Go ready' }).click();
    await this.page.locator('.ready.on').waitFor();
  }

  async accept() {
    await this.offer.first().getByRole('button', { name: 'Accept' }).click();
    await this.page.locator('.column.current .message').first().waitFor();
  }

  column(name) {
    return this.page.locator('.column', { has: this.page.locator('h2', { hasText: name }) });
  }

  async say(name, body) {
    const area = this.column(name).locator('textarea');
    await area.fill(body);
    await area.press('Enter');
  }

  async note(name, body) {
    await this.column(name).getByRole('button', { name: 'Note', exact: true }).click();
    await this.say(name, body);
    await this.column(name).getByRole('button', { name: 'Reply', exact: true }).click();
  }

  heard(name, body) {
    return this.column(name).locator('.message:not(.mine) .bubble', { hasText: body }).first().waitFor();
  }

  texts(name) {
    return this.column(name).locator('.bubble').allTextContents();
  }
}

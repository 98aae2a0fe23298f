// part_widget.mjs - (e): from the navigation to a launcher that answers a click, on a slow phone's page.
// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { folder, root, stop, usher } from './place.mjs';
import { figure } from './report.mjs';

/** A processor four times as slow, and what browsers call Fast 3G. */
const SLOW = 4;
const FAST_3G = { offline: false, latency: 562.5, downloadThroughput: 180000, uploadThroughput: 84375 };
const PATIENCE = 60000;

async function throttle(context, page) {
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', FAST_3G);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
}

/** A fresh browser profile's visit; `done` runs in the page and resolves when it is there. */
async function visit(browser, url, done, blocked) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await throttle(context, page);
    if (blocked) {
      await page.route(blocked, (route) => route.abort());
    }
    await page.goto(url, { waitUntil: 'commit' });
    return await page.evaluate(done);
  } finally {
    await context.close();
  }
}

/** The launcher is the topmost thing where it stands, and clicking does something. */
const clickable = () => new Promise((resolve) => {
  const look = () => {
    for (const host of document.querySelectorAll('*')) {
      const launcher = host.shadowRoot?.querySelector('.launcher');
      const box = launcher?.getBoundingClientRect();
      if (box?.width > 0 && typeof launcher.onclick === 'function') {
        const top = host.shadowRoot.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        if (launcher.contains(top)) {
          resolve(performance.now());
          return;
        }
      }
    }
    requestAnimationFrame(look);
  };
  look();
});

const loaded = () => new Promise((resolve) => {
  const look = () =>
    document.readyState === 'complete' ? resolve(performance.now()) : requestAnimationFrame(look);
  look();
});

export async function widget({ rounds }) {
  // Looked for only here: the other parts need no browser.
  const { chromium } = createRequire(join(root, 'tests/browser/package.json'))('playwright-core');
  const child = await usher(`sqlite:${join(folder, 'widget.db')}`);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const ours = [];
  const page = [];
  try {
    const url = `http://127.0.0.1:${child.port}/`;
    for (let round = 0; round < rounds; round++) {
      ours.push(await visit(browser, url, clickable));
      page.push(await visit(browser, url, loaded, '**/widget*.js'));
    }
  } finally {
    await browser.close();
    await stop(child);
  }
  return [figure('widget', 'widget: launcher can be clicked (CPU/4, Fast 3G)', 'ms', ours, {
    baselines: [{ name: 'the page without it, loaded', rounds: page }],
  })];
}

// shop.test.mjs - the widget as a guest on a shop's page: quiet, in its place, honest, and reachable by keyboard.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, PHONE, Server, Shop } from './harness.mjs';

const PAGES = ['/', '/product.html?item=bowl', '/basket.html', '/help.html'];

test('before the click: the launcher and one question, which may be cached', async (t) => {
  const server = await Server.start(t);
  const context = await person(t, await launch());
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request));
  await page.goto(server.url);
  await page.locator('usher-chat .launcher[data-desk]').waitFor();
  await page.waitForLoadState('networkidle');
  const ours = asked.filter((request) => !/\/(img\/|shop\.|$)/.test(request.url()));
  assert.deepEqual(ours.map((request) => new URL(request.url()).pathname), ['/widget.js', '/usher/desk']);
  const answer = await ours[1].response();
  assert.equal(ours[1].method(), 'GET');
  assert.match(answer.headers()['cache-control'], /max-age=\d+/);
  assert.deepEqual(Object.keys(await answer.json()).sort(), ['open', 'ready']);
});

test('the launcher is in the same place on every page, and moves nothing', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  for (const options of [undefined, PHONE]) {
    const context = await person(t, browser, options);
    await context.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => {
        window.shift += list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const page = await context.newPage();
    const places = new Set();
    for (const path of PAGES) {
      await page.goto(server.url + path);
      await page.locator('usher-chat .launcher[data-desk]').waitFor();
      places.add(JSON.stringify(await page.locator('usher-chat .launcher').boundingBox()));
      assert.equal(await page.evaluate(() => window.shift), 0, `${path} shifts`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is too wide`);
    }
    assert.equal(places.size, 1);
  }
});

test('the panel says whether anybody is here', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const away = await Shop.open(await person(t, browser), server);
  await away.click();
  await away.panel.getByText('Nobody is at the desk right now.').waitFor();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.click();
  await shop.panel.getByText('Somebody is here to answer you.').waitFor();
});

test('a desk that is closed says so, and takes nothing', async (t) => {
  const server = await Server.start(t, (config) => {
    config.queues.forEach((queue) => (queue.open = false));
  });
  const shop = await Shop.open(await person(t, await launch()), server);
  await shop.launcher.and(shop.page.getByRole('button', { name: 'Chat: closed right now' })).waitFor();
  await shop.click();
  await shop.panel.getByText('We are closed right now.').waitFor();
  assert.equal(await shop.panel.locator('.start .primary').isDisabled(), true);
});

test('a line that is full says so, and gives back what was written', async (t) => {
  const server = await Server.start(t, (config) => {
    config.queues[0].waiting_max = 1;
  });
  const browser = await launch();
  const first = await Shop.open(await person(t, browser), server);
  await first.start('Hello', { queue: 'sales' });
  const second = await Shop.open(await person(t, browser), server);
  await second.click();
  await second.panel.locator('.start .primary:enabled').waitFor();
  await second.panel.locator('input[value=sales]').check();
  await second.panel.locator('#start-body').fill('Me too');
  await second.panel.locator('.start .primary').click();
  await second.panel.getByText('all lines are full').waitFor();
  assert.equal(await second.panel.locator('#start-body').inputValue(), 'Me too');
  await second.panel.locator('input[value=returns]').check();
  await second.panel.locator('.start .primary').click();
  await second.message('Me too', 'sent');
});

test('the place in line is told, and changes', async (t) => {
  const server = await Server.start(t, (config) => {
    config.timers = { place_s: 1 };
  });
  const browser = await launch();
  const first = await Shop.open(await person(t, browser), server);
  await first.start('Hello', { queue: 'sales' });
  await first.panel.getByText('You are next in line.').waitFor();
  const second = await Shop.open(await person(t, browser), server);
  await second.start('Hello', { queue: 'sales' });
  await second.panel.getByText('You are number 2 in line.').waitFor();
  await first.panel.getByRole('button', { name: 'End chat' }).click();
  await first.panel.getByRole('button', { name: 'End it' }).click();
  await second.panel.getByText('You are next in line.').waitFor();
});

test('an answer behind a closed panel is counted, and flashes in the title', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  const title = await shop.page.title();
  await shop.start('Hello', { name: 'Mara', queue: 'sales' });
  await desk.accept();
  await shop.event('Ann, agent, joined');
  await shop.page.keyboard.press('Escape');
  await shop.panel.waitFor({ state: 'hidden' });
  await desk.say('Mara', 'Good morning');
  await desk.say('Mara', 'How can I help?');
  await shop.launcher.locator('.badge', { hasText: '2' }).waitFor();
  await shop.page.waitForFunction(() => document.title === '2 new messages');
  await shop.page.goto(`${server.url}/help.html`);
  await shop.launcher.locator('.badge', { hasText: '2' }).waitFor();
  await shop.page.goto(server.url);
  await shop.launcher.locator('.badge', { hasText: '2' }).waitFor();
  await shop.page.bringToFront();
  await shop.click();
  await shop.heard('How can I help?');
  await shop.launcher.locator('.badge').waitFor({ state: 'hidden' });
  await shop.page.waitForFunction((own) => document.title === own, title);
});

test('the keyboard does all of it', async (t) => {
  const server = await Server.start(t);
  const shop = await Shop.open(await person(t, await launch()), server, '/help.html');
  await shop.launcher.focus();
  await shop.page.keyboard.press('Enter');
  await shop.panel.locator('.start .primary:enabled').waitFor();
  const active = () => shop.page.evaluate(() => document.querySelector('usher-chat').shadowRoot.activeElement.id);
  assert.equal(await active(), 'start-body');
  await shop.page.keyboard.type('First line');
  await shop.page.keyboard.press('Shift+Enter');
  await shop.page.keyboard.type('second line');
  await shop.page.keyboard.press('Enter');
  await shop.panel.locator('.tick', { hasText: 'sent' }).waitFor();
  assert.deepEqual(await shop.texts(), ['First line\nsecond line']);
  assert.equal(await active(), 'usher-message');
  await shop.page.keyboard.press('Escape');
  await shop.panel.waitFor({ state: 'hidden' });
  assert.equal(await shop.page.evaluate(() => document.querySelector('usher-chat').shadowRoot.activeElement.className),
    'launcher');
});

test('a text that is too long is not sent, and it is said by how much', async (t) => {
  const server = await Server.start(t);
  const shop = await Shop.open(await person(t, await launch()), server);
  await shop.start('Hello');
  await shop.area.fill('é'.repeat(4100));
  await shop.panel.getByText('This is too long by about 4 characters.').waitFor();
  await shop.area.press('Enter');
  assert.equal((await shop.texts()).length, 1);
  await shop.area.fill('é'.repeat(4096));
  await shop.area.press('Enter');
  await shop.message('é'.repeat(4096), 'sent');
});

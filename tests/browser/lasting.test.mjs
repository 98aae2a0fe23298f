// lasting.test.mjs - nothing is lost or doubled by reloads, restarts, a dead network, or a second tab.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Desk, launch, person, Server, Shop } from './harness.mjs';

async function talking(t) {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const visitor = await person(t, browser);
  const shop = await Shop.open(visitor, server);
  await shop.start('one', { name: 'Mara', queue: 'sales' });
  await desk.accept();
  await shop.event('Ann, agent, joined');
  return { server, browser, desk, visitor, shop };
}

/** Both sides show exactly these texts, once each and in this order. */
async function bothShow(desk, shop, texts) {
  const last = texts[texts.length - 1];
  await shop.panel.locator('.message:not(.unsent) .bubble').getByText(last, { exact: true }).waitFor();
  await desk.column('Mara').locator('.message:not(.unsent) .bubble').getByText(last, { exact: true }).waitFor();
  assert.deepEqual(await shop.texts(), texts);
  assert.deepEqual(await desk.texts('Mara'), texts);
}

test('a reload on either side shows the same, and the talk goes on', async (t) => {
  const { desk, shop } = await talking(t);

  await shop.page.reload();
  await shop.panel.waitFor();
  await shop.message('one', 'sent');
  await shop.say('two');
  await desk.heard('Mara', 'two');
  await desk.page.reload();
  await desk.heard('Mara', 'two');
  await desk.say('Mara', 'three');
  await bothShow(desk, shop, ['one', 'two', 'three']);
});

test('the session is there on the next page of the shop, with a draft that was begun', async (t) => {
  const { server, desk, shop } = await talking(t);

  await shop.area.fill('half a sentence');
  await shop.page.goto(`${server.url}/help.html`);
  await shop.message('one', 'sent');
  assert.equal(await shop.area.inputValue(), 'half a sentence');
  await shop.area.press('Enter');
  await bothShow(desk, shop, ['one', 'half a sentence']);
});

test('the server is killed while both write: all of it arrives once, in order', async (t) => {
  const { server, desk, shop } = await talking(t);

  await shop.say('two');
  await desk.heard('Mara', 'two');
  await server.kill();
  await shop.panel.locator('.banner', { hasText: 'The connection is lost' }).waitFor();
  await shop.say('three');
  await shop.say('four');
  await shop.message('three', 'sending');
  await shop.message('four', 'sending');
  await server.up();
  await shop.message('four', 'sent');
  await desk.heard('Mara', 'four');
  await desk.say('Mara', 'five');
  await bothShow(desk, shop, ['one', 'two', 'three', 'four', 'five']);
});

test('the server is killed again and again in the middle of writing: all of it is there, once', async (t) => {
  const { server, desk, shop } = await talking(t);
  const texts = ['one'];

  for (let round = 0; round < 4; round++) {
    await Promise.all([shop.say(`v${round}`), desk.say('Mara', `a${round}`)]);
    await server.kill();
    await server.up();
    await shop.message(`v${round}`, 'sent');
    await shop.heard(`a${round}`);
    await desk.heard('Mara', `v${round}`);
    await desk.column('Mara').locator('.message.mine:not(.unsent)', { hasText: `a${round}` }).waitFor();
    texts.push(`v${round}`, `a${round}`);
  }
  const shown = await desk.texts('Mara');
  assert.deepEqual([...shown].sort(), texts.sort());
  assert.deepEqual(await shop.texts(), shown);
});

test('what was written while the server was away survives a reload of the page', async (t) => {
  const { server, desk, visitor, shop } = await talking(t);

  await server.kill();
  await shop.say('two');
  await shop.message('two', 'sending');
  await desk.say('Mara', 'three');
  await desk.column('Mara').locator('.unsent').waitFor();
  await shop.page.close();
  await server.up();
  const again = await Shop.open(visitor, server);
  await again.launcher.locator('.badge').waitFor({ state: 'attached' });
  await again.click();
  await again.message('two', 'sent');
  await again.heard('three');
  const texts = await again.texts();
  assert.deepEqual([...texts].sort(), ['one', 'three', 'two']);
  await desk.heard('Mara', 'two');
  assert.deepEqual(await desk.texts('Mara'), texts);
});

test('a start that was not answered is sent again, and opens one session', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.click();
  await shop.panel.locator('.start .primary:enabled').waitFor();
  await server.kill();
  await shop.panel.locator('#start-name').fill('Mara');
  await shop.panel.locator('#start-body').fill('one');
  await shop.panel.locator('.start .primary').click();
  await shop.message('one', 'sending');
  await shop.say('two');
  await shop.message('two', 'sending');
  await server.up();
  await shop.message('two', 'sent');
  await desk.accept();
  await desk.heard('Mara', 'two');
  await desk.say('Mara', 'three');
  await bothShow(desk, shop, ['one', 'two', 'three']);
  assert.equal(await desk.page.locator('.item').count(), 1);
});

test('offline is said, and what was written meanwhile is sent when the network is back', async (t) => {
  const { desk, visitor, shop } = await talking(t);

  await visitor.setOffline(true);
  await shop.panel.locator('.banner', { hasText: 'You are offline' }).waitFor();
  await shop.say('two');
  await shop.message('two', 'sending');
  await desk.say('Mara', 'three');
  await desk.column('Mara').locator('.tick', { hasText: 'sent' }).waitFor();
  await visitor.setOffline(false);
  await shop.message('two', 'sent');
  await desk.heard('Mara', 'two');
  await bothShow(desk, shop, ['one', 'three', 'two']);
  await shop.panel.locator('.banner').waitFor({ state: 'hidden' });
});

test('two tabs of one visitor show the same, whichever of them writes', async (t) => {
  const { server, desk, visitor, shop } = await talking(t);
  const other = await Shop.open(visitor, server, '/product.html');

  await other.click();
  await other.message('one', 'sent');
  await other.say('two');
  await shop.message('two', 'sent');
  await shop.say('three');
  await other.message('three', 'sent');
  await desk.say('Mara', 'four');
  await other.heard('four');
  await bothShow(desk, shop, ['one', 'two', 'three', 'four']);
  assert.deepEqual(await other.texts(), ['one', 'two', 'three', 'four']);
  // The tab whose turn it was to send goes away; the other one takes over.
  await shop.page.close();
  await other.say('five');
  await other.message('five', 'sent');
  await desk.heard('Mara', 'five');
});

test('two tabs write at the same time: every text once, in one order everywhere', async (t) => {
  const { server, desk, visitor, shop } = await talking(t);
  const other = await Shop.open(visitor, server, '/help.html');
  await other.click();
  await other.message('one', 'sent');
  const writing = (tab, name) => tab.page.evaluate((who) => {
    const root = document.querySelector('usher-chat').shadowRoot;
    for (let i = 0; i < 4; i++) {
      root.querySelector('#usher-message').value = `${who}${i}`;
      root.querySelector('.composer').requestSubmit();
    }
  }, name);

  await Promise.all([writing(shop, 'a'), writing(other, 'b')]);
  for (const text of ['a3', 'b3']) {
    await shop.message(text, 'sent');
    await other.message(text, 'sent');
    await desk.heard('Mara', text);
  }
  const texts = await desk.texts('Mara');
  assert.deepEqual([...texts].sort(), ['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3', 'one']);
  assert.deepEqual(texts.filter((text) => text.startsWith('a')), ['a0', 'a1', 'a2', 'a3']);
  assert.deepEqual(await shop.texts(), texts);
  assert.deepEqual(await other.texts(), texts);
});

test('a tab that sleeps while it is its turn to send does not hold up the other', async (t) => {
  const { server, desk, visitor, shop } = await talking(t);
  const sleeper = await visitor.newPage();
  await sleeper.goto(`${server.url}/img/mark.svg`);
  // What a sleeping tab would be for the others: it has the turn, and does nothing with it.
  await sleeper.evaluate(() => new Promise((held) => {
    navigator.locks.request('usher.visitor.sender', { steal: true }, () => {
      held();
      return new Promise(() => {});
    }).catch(() => {});
  }));
  await shop.page.bringToFront();
  await shop.say('two');
  await shop.message('two', 'sending');
  await desk.heard('Mara', 'two');
  await shop.message('two', 'sent');
});

test('two tabs that come at the same time are one visitor', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const visitor = await person(t, browser);
  const [one, two] = await Promise.all([Shop.open(visitor, server), Shop.open(visitor, server)]);

  await one.page.evaluate(() => document.querySelector('usher-chat').launcher.click());
  await two.page.evaluate(() => document.querySelector('usher-chat').launcher.click());
  for (const shop of [one, two]) {
    await shop.panel.locator('.start .primary:enabled').waitFor();
  }
  await one.page.bringToFront();
  await one.panel.locator('#start-body').fill('one');
  await one.panel.locator('.start .primary').click();
  await one.message('one', 'sent');
  await two.message('one', 'sent');
});

test('a desk that is empty again has new visitors, and forgets what it does not know', async (t) => {
  const { server, shop } = await talking(t);

  await server.kill();
  await shop.say('two');
  await shop.say('three');
  for (const end of ['', '-wal', '-shm']) {
    rmSync(join(server.dir, `store.db${end}`), { force: true });
  }
  await server.up();
  await shop.panel.locator('#start-body').waitFor();
  assert.deepEqual(await shop.texts(), []);
  await shop.panel.getByText('this chat is not there any more').waitFor();
  const body = shop.panel.locator('#start-body');
  await shop.page.waitForFunction((area) => area.value === 'two\nthree', await body.elementHandle());
  await body.fill('two and three');
  await shop.panel.locator('.start .primary').click();
  await shop.message('two and three', 'sent');
  assert.deepEqual(await shop.texts(), ['two and three'], 'what was given back is not kept twice');
});

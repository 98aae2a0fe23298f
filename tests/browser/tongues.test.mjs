// tongues.test.mjs - the widget in five languages, at every text size, for keyboard and screen reader, in each state.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Desk, DESKTOP, launch, person, PHONE, picture, Server, Shop } from './harness.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TITLES = { en: 'Chat with us', th: 'แชทกับเรา', ar: 'تحدّث معنا', pl: 'Napisz do nas', zh: '在线客服' };

/** Pages that say they are written in this language. */
async function inLanguage(t, browser, lang, options = DESKTOP) {
  const context = await person(t, browser, { ...options, bypassCSP: true });
  await context.addInitScript((tag) => {
    new MutationObserver((changes, observer) => {
      if (document.documentElement !== null) {
        document.documentElement.lang = tag;
        observer.disconnect();
      }
    }).observe(document, { childList: true });
  }, lang);
  return context;
}

/** What a screen reader's user would stumble over, in the whole page. */
async function accessible(page, state) {
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.evaluate(axe);
  }
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(' '))}`),
    [], `axe: ${state}`);
}

/** The whole way of a session, with a stop at each state that the panel has. */
async function walk(shop, desk, server, stop) {
  await shop.launcher.and(shop.page.locator('[data-desk]')).waitFor();
  await stop('shop');
  await shop.click();
  await shop.panel.locator('.start .primary:enabled').waitFor();
  await stop('nobody-ready');
  await shop.panel.locator('.start .primary').click();
  await shop.panel.locator('.error:not(:empty)').waitFor();
  await stop('missing');
  await shop.panel.locator('#start-name').fill('Mara Lindqvist');
  await shop.panel.locator('#start-body').fill('Can the Tide mug go into the oven?');
  await shop.panel.locator('.start .primary').click();
  await shop.panel.locator('.place:visible').waitFor();
  await stop('in-line');
  await desk.ready();
  await desk.accept();
  await desk.say('Mara', 'It can, up to 200 °C. Let it warm up slowly: https://example.org/care');
  await shop.heard('It can');
  await shop.say('Wonderful, thank you!');
  await shop.panel.locator('.tick.read').last().waitFor();
  await stop('talk');
  await server.kill();
  await shop.panel.locator('.banner:visible').waitFor();
  await shop.say('And the teapot?');
  await shop.panel.locator('.unsent').waitFor();
  await stop('lost');
  await server.up();
  await shop.panel.locator('.banner').waitFor({ state: 'hidden' });
  await shop.panel.locator('.end').click();
  await shop.panel.locator('.danger').waitFor();
  await stop('sure');
  await shop.panel.locator('.danger').click();
  await shop.panel.locator('.bar .primary:visible').waitFor();
  await stop('ended');
}

for (const [lang, options, scheme] of [['en', DESKTOP, 'light'], ['en', PHONE, 'dark'], ['th', PHONE, 'light'],
  ['ar', DESKTOP, 'dark'], ['ar', PHONE, 'light'], ['th', DESKTOP, 'light']]) {
  const name = `${options.viewport.width}-${scheme}-${lang}`;
  test(`every state is accessible, and looks right (${name})`, async (t) => {
    const server = await Server.start(t, (config) => {
      config.timers = { place_s: 1 };
    });
    const browser = await launch();
    const desk = await Desk.open(await person(t, browser), server, 'ann');
    const shop = await Shop.open(await inLanguage(t, browser, lang, { ...options, colorScheme: scheme }), server,
      '/product.html?item=mug');
    await walk(shop, desk, server, async (state) => {
      await picture(shop.page, `widget-${state}-${name}`);
      await accessible(shop.page, `${state} ${name}`);
      assert.ok(await shop.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state}: width`);
    });
    assert.equal(await shop.panel.locator('h2').textContent(), TITLES[lang]);
    assert.equal(await shop.panel.evaluate((panel) => getComputedStyle(panel).direction), lang === 'ar' ? 'rtl' : 'ltr');
  });
}

test('the language is the script’s or the page’s, else the first of the browser’s that is known', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  for (const [page, wanted, lang] of [['pl-PL', 'th', 'pl'], ['de', 'zh-CN', 'zh'], ['de', 'fr', 'en']]) {
    const shop = await Shop.open(await inLanguage(t, browser, page, { ...DESKTOP, locale: wanted }), server);
    await shop.click();
    await shop.panel.getByRole('heading', { name: TITLES[lang], exact: true }).waitFor();
  }
});

test('numbers take the forms that each language has', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const said = async (lang) => {
    const context = await inLanguage(t, browser, lang);
    const shop = await Shop.open(context, server);
    return shop.page.evaluate(async (tag) => {
      const { sentences } = await import('/widget-panel.js');
      const { TEXTS } = await import(`/texts/${tag}.js`);
      return [1, 2, 5, 22].map((n) => sentences(TEXTS, tag).plural(TEXTS.unread, n));
    }, lang);
  };
  assert.deepEqual(await said('pl'), ['1 nowa wiadomość', '2 nowe wiadomości', '5 nowych wiadomości', '22 nowe wiadomości']);
  assert.deepEqual((await said('ar')).slice(0, 3), ['رسالة جديدة واحدة', 'رسالتان جديدتان', '5 رسائل جديدة']);
  assert.deepEqual(await said('th'), [1, 2, 5, 22].map((n) => `ข้อความใหม่ ${n} ข้อความ`));
});

test('all languages say the same things', async () => {
  const shape = (value) => Object.entries(value).flatMap(([key, text]) => typeof text === 'string' ? [key]
    : 'other' in text ? [key] : shape(text).map((inner) => `${key}.${inner}`)).sort();
  const names = (text) => [...JSON.stringify(text).matchAll(/\{(?:who|kind|queue|agent|why)\}/g)].map(String).sort();
  const { TEXTS: english } = await import('../../examples/server/web/texts/en.js');
  for (const lang of ['th', 'ar', 'pl', 'zh']) {
    const { TEXTS } = await import(`../../examples/server/web/texts/${lang}.js`);
    assert.deepEqual(shape(TEXTS), shape(english), lang);
    for (const key of Object.keys(english)) {
      assert.deepEqual(names(TEXTS[key]), names(english[key]), `${lang} ${key}`);
    }
  }
});

test('the text grows to twice its size, and stays so on the next page', async (t) => {
  const server = await Server.start(t);
  const shop = await Shop.open(await person(t, await launch(), PHONE), server);
  await shop.click();
  const size = () => shop.panel.evaluate((panel) => parseFloat(getComputedStyle(panel).fontSize));
  const before = await size();
  const larger = shop.panel.getByRole('button', { name: 'Larger text' });
  while (await larger.isEnabled()) {
    await larger.click();
  }
  assert.equal(await size(), 2 * before);
  await picture(shop.page, 'widget-twice-390-light-en');
  assert.ok(await shop.panel.evaluate((panel) => panel.scrollWidth <= panel.clientWidth), 'nothing is cut off');
  await shop.page.goto(`${server.url}/help.html`);
  await shop.click();
  assert.equal(await size(), 2 * before);
  await shop.panel.getByRole('button', { name: 'Smaller text' }).click();
  assert.ok(await size() < 2 * before);
});

test('light and dark are the system’s, unless the page says otherwise, also later', async (t) => {
  const server = await Server.start(t);
  const shop = await Shop.open(await person(t, await launch(), { ...DESKTOP, colorScheme: 'dark' }), server);
  await shop.click();
  const paper = () => shop.panel.evaluate((panel) => getComputedStyle(panel).backgroundColor);
  assert.equal(await paper(), 'rgb(22, 28, 26)');
  await shop.page.evaluate(() => (document.documentElement.dataset.theme = 'light'));
  await shop.page.locator('usher-chat[data-theme=light]').waitFor();
  assert.equal(await paper(), 'rgb(255, 255, 255)');
});

test('where the panel covers the page, the keyboard stays in it, and comes back to the launcher', async (t) => {
  const server = await Server.start(t);
  const shop = await Shop.open(await person(t, await launch(), PHONE), server);
  await shop.click();
  await shop.panel.locator('.start .primary:enabled').waitFor();
  const active = () => shop.page.evaluate(() => {
    const node = document.querySelector('usher-chat').shadowRoot.activeElement;
    return node && (node.id || node.className);
  });
  const order = [];
  for (let i = 0; i < 9; i++) {
    await shop.page.keyboard.press('Tab');
    order.push(await active());
  }
  assert.deepEqual(order, ['square', '', 'start-name', 'start-email', 'start-body', 'primary', 'larger', 'square', '']);
  await shop.page.keyboard.press('Shift+Tab');
  await shop.page.keyboard.press('Shift+Tab');
  assert.equal(await active(), 'larger');
  await shop.page.keyboard.press('Escape');
  assert.equal(await active(), 'launcher');
});

test('the pages of the shop are accessible, by day and by night', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  for (const [options, colorScheme] of [[DESKTOP, 'light'], [PHONE, 'dark']]) {
    const context = await person(t, browser, { ...options, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    for (const path of ['', 'product.html?item=bowl', 'basket.html', 'help.html']) {
      await page.goto(`${server.url}/${path}`);
      await page.locator('usher-chat .launcher[data-desk]').waitFor();
      await picture(page, `shop-${path.split('.')[0] || 'index'}-${options.viewport.width}-${colorScheme}`);
      await accessible(page, `shop ${path} ${colorScheme}`);
    }
  }
});

test('closed, connecting, full, offline and storage lost are said, seen and accessible', async (t) => {
  const server = await Server.start(t, (config) => {
    config.queues[0].waiting_max = 1;
    config.queues[1].open = false;
  });
  const browser = await launch();
  const context = await inLanguage(t, browser, 'en');
  const links = [];
  let hold = true;
  const held = [];
  await context.routeWebSocket(/\/usher$/, (page) => {
    const desk = page.connectToServer();
    desk.onMessage((frame) => (hold ? held.push(() => page.send(frame)) : page.send(frame)));
    links.push(page);
  });
  const shop = await Shop.open(context, server);
  const stop = async (state) => {
    await picture(shop.page, `widget-${state}-1280-light-en`);
    await accessible(shop.page, state);
  };
  await shop.click();
  await shop.panel.locator('.state.connecting', { hasText: 'Connecting' }).waitFor();
  await stop('connecting');
  hold = false;
  held.forEach((send) => send());
  await shop.panel.locator('.choice', { hasText: 'closed' }).waitFor();
  const first = await Shop.open(await person(t, browser), server);
  await first.start('Hello', { queue: 'sales' });
  await shop.panel.locator('#start-body').fill('Me too');
  await shop.panel.locator('.start .primary').click();
  await shop.panel.getByText('all lines are full').waitFor();
  await stop('full');
  await first.panel.getByRole('button', { name: 'End chat' }).click();
  await first.panel.getByRole('button', { name: 'End it' }).click();
  await first.event('You ended the chat');
  await shop.panel.locator('.start .primary').click();
  await shop.message('Me too', 'sent');
  links[0].send('{"type":"degraded","on":true}');
  await shop.panel.locator('.banner', { hasText: 'trouble storing messages' }).waitFor();
  await stop('storage-lost');
  links[0].send('{"type":"degraded","on":false}');
  await context.setOffline(true);
  await shop.panel.locator('.banner', { hasText: 'You are offline' }).waitFor();
  await shop.say('kept');
  await shop.message('kept', 'sending');
  await stop('offline');
});

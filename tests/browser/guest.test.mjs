// guest.test.mjs - the widget on shops of other origins, what it weighs, and that it asks nobody else.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { launch, person, Server, Shop } from './harness.mjs';

const KIB = 1024;

/** A shop of its own origin, with a policy that allows the desk and nothing else. */
async function foreignShop(t, policy) {
  const shop = http.createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Content-Security-Policy', policy());
    response.end('<!doctype html><html lang="en"><title>Elsewhere</title><h1>A shop</h1>'
      + `<script type="module" src="${shop.desk}/widget.js" data-lang="pl" data-theme="dark"></script>`);
  });
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  t.after(() => shop.close());
  shop.origin = `http://127.0.0.1:${shop.address().port}`;
  return shop;
}

async function deskFor(t, shop, origins) {
  const server = await Server.start(t, (config) => {
    config.origins = origins;
  });
  shop.desk = server.url;
  return server;
}

test('one script tag on a strict shop of another origin is all that it takes', async (t) => {
  const shop = await foreignShop(t, () => `default-src 'none'; script-src ${shop.desk}; connect-src ${shop.desk} `
    + `${shop.desk.replace('http', 'ws')}; style-src 'none'; require-trusted-types-for 'script'`);
  await deskFor(t, shop, [shop.origin]);
  const visitor = await Shop.open(await person(t, await launch()), { url: shop.origin });
  await visitor.launcher.and(visitor.page.locator('[data-desk=away]')).waitFor();
  await visitor.click();
  await visitor.panel.getByRole('heading', { name: 'Napisz do nas' }).waitFor();
  await visitor.panel.locator('.start .primary:enabled').waitFor();
  await visitor.panel.locator('#start-body').fill('Dzień dobry');
  await visitor.panel.locator('.start .primary').click();
  await visitor.message('Dzień dobry', /wysłano/);
  assert.equal(await visitor.panel.evaluate((panel) => getComputedStyle(panel).backgroundColor), 'rgb(22, 28, 26)');
});

test('on a shop that is not on the list nothing appears, and no link is made', async (t) => {
  const shop = await foreignShop(t, () => `script-src ${shop.desk}; connect-src *`);
  const server = await deskFor(t, shop, ['https://shop.example']);
  const page = await (await person(t, await launch())).newPage();
  const failed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/widget.js'));
  await page.goto(shop.origin);
  await failed;
  assert.equal(await page.locator('usher-chat').count(), 0);
  const code = await page.evaluate((url) => new Promise((over) => {
    const link = new WebSocket(url, 'usher.v1');
    link.onopen = () => over('open');
    link.onclose = (event) => over(event.code);
  }), `${server.url.replace('http', 'ws')}/usher`);
  assert.equal(code, 1006);
});

test('the loader weighs at most 5 KiB, the whole widget 25 KiB, in every language; all of it from the desk', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  for (const lang of ['en', 'th', 'ar', 'pl', 'zh']) {
    const context = await person(t, browser);
    await context.addInitScript((tag) => {
      new MutationObserver(() => {
        document.documentElement?.setAttribute('lang', tag);
      }).observe(document, { childList: true });
    }, lang);
    const page = await context.newPage();
    const scripts = new Map();
    page.on('response', (response) => scripts.set(response.url(), response.body().catch(() => Buffer.alloc(0))));
    await page.goto(server.url);
    await page.locator('usher-chat .launcher[data-desk]').waitFor();
    const weigh = async () => {
      let sum = 0;
      for (const [url, body] of scripts) {
        assert.ok(url.startsWith(`${server.url}/`), `${url} is of a third party`);
        if (url.endsWith('.js') && !url.endsWith('/shop.js')) {
          sum += gzipSync(await body, { level: 9 }).length;
        }
      }
      return sum;
    };
    const loader = await weigh();
    await page.locator('usher-chat .launcher').click();
    await page.locator('usher-chat .start .primary:enabled').waitFor();
    const whole = await weigh();
    console.log(`# ${lang}: loader ${loader}, whole ${whole} bytes gzipped`);
    assert.ok(scripts.has(`${server.url}/texts/${lang}.js`));
    assert.ok(loader > 0 && loader <= 5 * KIB, `the loader has ${loader} bytes`);
    assert.ok(whole > loader && whole <= 25 * KIB, `the widget has ${whole} bytes`);
    await context.close();
  }
});

test('each page that the visitor comes by is told to the desk, once', async (t) => {
  const server = await Server.start(t);
  const visitor = await person(t, await launch());
  const shop = await Shop.open(visitor, server);
  const visits = [];
  shop.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const command = JSON.parse(String(payload));
      if (command.type === 'visit') {
        visits.push([new URL(command.url).pathname, command.title]);
      }
    });
  });
  await shop.start('Hello', { queue: 'sales' });
  await shop.page.goto(`${server.url}/help.html#top`);
  await shop.message('Hello', 'sent');
  await shop.page.evaluate(() => (location.hash = '#bottom'));
  await shop.say('More');
  await shop.message('More', 'sent');
  assert.deepEqual(visits, [['/', 'Tide & Pine: stoneware from the coast'], ['/help.html', 'Help – Tide & Pine']]);
});

test('a desk that knows no visits is told of no more; any other refusal is of one page', async (t) => {
  const server = await Server.start(t);
  for (const [why, told] of [['unknown', 2], ['unknown_type', 1]]) {
    const visitor = await person(t, await launch());
    const visits = [];
    await visitor.routeWebSocket(/\/usher$/, (page) => {
      const desk = page.connectToServer();
      page.onMessage((text) => {
        const { type, key } = JSON.parse(text);
        if (type === 'visit') {
          visits.push(key);
          page.send(JSON.stringify({ type: 'refused', key, why, text: 'no' }));
        } else {
          desk.send(text);
        }
      });
    });
    const shop = await Shop.open(visitor, server);
    await shop.start('Hello', { queue: 'sales' });
    await shop.page.evaluate(() => history.pushState(null, '', '/help.html'));
    await shop.say('More');
    await shop.message('More', 'sent');
    assert.equal(visits.length, told, why);
  }
});

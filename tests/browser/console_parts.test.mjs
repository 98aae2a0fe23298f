// console_parts.test.mjs - what of the console needs no browser: languages, layout, keys, replies, board.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

const web = new URL('../../examples/server/web/console/', import.meta.url);
const { fillCanned, CannedStore } = await import(new URL('canned.js', web));
const { BoardRows, stopwatch } = await import(new URL('board.js', web));
const { Arrangement, grid } = await import(new URL('layout.js', web));
const { KEYS, meaning } = await import(new URL('keys.js', web));
const { chooseLanguage, LANGUAGES, loadTexts } = await import(new URL('texts.js', web));
const { sendsOnEnter, TitleFlash } = await import(new URL('../usher-page.js', web));

// [path, text or forms] of everything in there.
function flat(texts, path = '') {
  return Object.entries(texts).flatMap(([name, text]) => {
    const forms = typeof text === 'object' && !Array.isArray(text) && 'other' in text;
    return typeof text === 'string' || forms ? [[path + name, text]] : flat(text, `${path}${name}.`);
  });
}
const blanks = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join(' ');
const open = (n) => ({ id: String(n), open: true, mine: true });

test('every language has every text, with the same blanks, and a form for every number', async () => {
  const texts = async (lang) => new Map(flat((await import(new URL(`texts/${lang}.js`, web))).TEXTS));
  const english = await texts('en');
  for (const lang of Object.keys(LANGUAGES)) {
    const here = await texts(lang);
    assert.deepEqual([...here.keys()].sort(), [...english.keys()].sort(), lang);
    for (const [path, text] of here) {
      if (typeof text === 'string' && !path.startsWith('canned.set')) {
        assert.equal(blanks(text), blanks(english.get(path)), `${lang}: ${path}`);
        assert.ok(text !== '' || english.get(path) === '', `${lang}: ${path}`);
      } else if (typeof text === 'object') {
        const { pluralCategories } = new Intl.PluralRules(lang).resolvedOptions();
        assert.deepEqual(Object.keys(text).sort(), [...pluralCategories].sort(), `${lang}: ${path}`);
      }
    }
  }
});

test('the language is the one chosen before, else the first of the browser that we speak', () => {
  assert.equal(chooseLanguage('pl', ['th']), 'pl');
  assert.equal(chooseLanguage(null, ['de-DE', 'zh-Hans-CN', 'en']), 'zh');
  assert.equal(chooseLanguage('xx', ['TH']), 'th');
  assert.equal(chooseLanguage(null, ['constructor', 'fr']), 'en');
});

test('numbers take the form that their language wants', async () => {
  const pl = await loadTexts('pl');
  assert.deepEqual([1, 3, 5, 22].map((n) => pl.count(pl.unread, n)),
    ['1 nieprzeczytana', '3 nieprzeczytane', '5 nieprzeczytanych', '22 nieprzeczytane']);
  const en = await loadTexts('en');
  assert.deepEqual([0, 59000, 300000, 7200000, 3 * 86400000].map((ms) => en.lasting(ms)),
    ['0 sec', '59 sec', '5 min', '2 hr', '3 days']);
});

test('six sessions stand side by side where there is room, fewer where there is not', () => {
  assert.deepEqual([1, 2, 3, 4, 6, 9].map((n) => grid(984, 780, n)).map(({ columns, rows }) => [columns, rows]),
    [[1, 1], [2, 1], [3, 1], [2, 2], [3, 2], [3, 2]]);
  assert.equal(grid(984, 780, 9).room, 6);
  assert.deepEqual(grid(984, 500, 6), { room: 3, rows: 1, columns: 3 });
  assert.deepEqual(grid(200, 200, 6), { room: 1, rows: 1, columns: 1 });
});

test('the session used longest ago makes room, and one that is hidden stays so until picked', () => {
  const place = new Arrangement();
  const logs = [1, 2, 3].map(open);
  place.arrange(logs, 2);
  assert.deepEqual(place.visible, ['1', '2']);
  place.pick('1', 2);
  place.pick('3', 2);
  assert.deepEqual(place.visible, ['1', '3']);
  place.hide('3');
  place.arrange(logs, 3);
  assert.deepEqual(place.visible, ['1', '2']);
  place.pick('3', 3);
  assert.deepEqual(place.visible, ['1', '2', '3']);
  place.alone = true;
  assert.deepEqual(place.shown(), ['3']);
});

test('a key means one thing, and none of Polish or of a browser is taken', () => {
  const key = (code, more = {}) => ({ code, altKey: true, shiftKey: false, ctrlKey: false, metaKey: false, ...more });
  assert.deepEqual(meaning(key('Digit4')), { id: 'pick', n: 4 });
  assert.deepEqual(meaning(key('KeyY')), { id: 'accept', n: 1 });
  assert.deepEqual(meaning(key('KeyY', { shiftKey: true })), { id: 'decline', n: 1 });
  assert.equal(meaning(key('KeyY', { ctrlKey: true })), null, 'AltGr is Ctrl and Alt');
  assert.equal(meaning(key('KeyY', { isComposing: true })), null);
  assert.equal(meaning(key('KeyY', { keyCode: 229 })), null, 'Safari says so of an input method');
  assert.equal(meaning(key('KeyY', { altKey: false })), null);
  const taken = KEYS.flatMap(({ codes, shift }) => codes.map((code) => `${code}${shift ? '+' : ''}`));
  assert.equal(new Set(taken).size, taken.length);
  for (const letter of 'ACELNOSXZDF') {
    assert.ok(!taken.includes(`Key${letter}`), letter);
  }
});

test('a canned reply names the visitor, or does without', () => {
  const values = { name: 'Mara', agent: 'Ann', queue: 'Sales' };
  assert.equal(fillCanned('Hello {name}, I am {agent} of {queue}.', values), 'Hello Mara, I am Ann of Sales.');
  assert.equal(fillCanned('Hello {name}, I am {agent}.', { agent: 'Ann' }), 'Hello, I am Ann.');
  assert.equal(fillCanned('Thank you, {name}. {other}', {}), 'Thank you. {other}');
  assert.equal(fillCanned('{name}', { name: '{agent}', agent: 'Ann' }), '{agent}');
});

test('canned replies make sense in every language, also without a name', async () => {
  for (const lang of Object.keys(LANGUAGES)) {
    const { TEXTS: { canned: { set } } } = await import(new URL(`texts/${lang}.js`, web));
    for (const [, text] of set.filter(([, one]) => one.includes('{name}'))) {
      const without = fillCanned(text, { agent: 'Ann' });
      assert.ok(!/คุณ( |$)|\s\s|\{/.test(without.replace('ขอบคุณ', '')), `${lang}: ${without}`);
    }
  }
});

test('Enter ends what an input method composes, in Safari too, and sends only after that', () => {
  const area = new EventTarget();
  let sent = 0;
  sendsOnEnter(area, () => (sent += 1));
  const press = (more) => area.dispatchEvent(Object.assign(new Event('keydown'), { key: 'Enter', ...more }));
  press({ isComposing: true });
  press({ isComposing: false, keyCode: 229 });
  press({ shiftKey: true });
  assert.equal(sent, 0);
  press({ isComposing: false, keyCode: 13 });
  assert.equal(sent, 1);
});

test('a title that flashes gives way to the page’s own, also to a new one', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  globalThis.document = { title: 'Shop' };
  t.after(() => delete globalThis.document);
  const flash = new TitleFlash();
  const titles = (n) => Array.from({ length: n }, () => {
    t.mock.timers.tick(1200);
    return document.title;
  });
  flash.show('1 new');
  assert.equal(document.title, '1 new');
  assert.deepEqual(titles(3), ['Shop', '1 new', 'Shop']);
  document.title = 'Basket';
  assert.deepEqual(titles(2), ['1 new', 'Basket']);
  flash.show('2 new');
  document.title = 'Help';
  flash.show('');
  assert.deepEqual(titles(2), ['Help', 'Help']);
});

test('canned replies that cannot be read are the defaults', () => {
  const kept = new Map([['canned.ann', 'nonsense'], ['canned.bea', [['a', 'b'], [1], null]]]);
  const prefs = { get: (name, otherwise) => kept.get(name) ?? otherwise };
  assert.deepEqual(new CannedStore(prefs, 'ann', [['x', 'y']]).entries, [['x', 'y']]);
  assert.deepEqual(new CannedStore(prefs, 'bea', []).entries, [['a', 'b']]);
});

test('the board merges rows by id, and an older wait goes with the row that had it', () => {
  const rows = new BoardRows();
  rows.merge({ queues: [{ id: 'a', waiting: 2, active: 1, oldest_at: 1000 }, { id: 'b', waiting: 1, active: 3, oldest_at: 500 }] });
  rows.merge({ agents: [{ id: 'ann', here: true, ready: true }, { id: 'bea', here: true }, { id: 'cyd' }] });
  assert.deepEqual(rows.totals(), { waiting: 3, active: 4, oldest_at: 500, ready: 1, here: 2 });
  rows.merge({ queues: [{ id: 'b', waiting: 0, active: 4 }], agents: [{ id: 'ann', here: false, ready: true }] });
  assert.deepEqual(rows.totals(), { waiting: 2, active: 5, oldest_at: 1000, ready: 0, here: 1 });
  assert.deepEqual([0, 65000, 3725000].map(stopwatch), ['0:00', '1:05', '1:02:05']);
});

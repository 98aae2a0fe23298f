// values.test.mjs - what is known exactly comes out of the core within three standard errors.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { example, names, share, sim } from './kit.mjs';

const minutes = (text) => Number(text.slice(0, -1)) * { m: 1, h: 60 }[text.at(-1)];

/** Those that ask for a precision take minutes: tests/full.sh plays them. */
const quick = names().filter((name) => example(name).expect && !example(name).run.precision);

test('there are scenarios whose values are known', () => {
  assert.ok(quick.length >= 12, `${quick.length}`);
});

for (const name of quick) {
  test(`${name}: ${example(name).title}`, async () => {
    const scenario = example(name);
    scenario.run.length = `${minutes(scenario.run.length) * share}m`;
    const { code, out, err } = await sim(scenario, ['--quiet']);
    assert.equal(code, 0, out + err);
    for (const [figure, value] of Object.entries(scenario.expect)) {
      const [, , error] = out.split('\n').find((line) => line.startsWith(`${figure} `)).split(/\s+/).slice(1);
      assert.ok(error <= 0.06 * parseFloat(value) / Math.sqrt(share), `${figure}: an error of ${error} proves nothing`);
    }
  });
}

test('a value that is off is noticed', async () => {
  const scenario = example('erlang-a.json');
  scenario.kinds[0].handling = { exp: '63s' };
  const { code, out } = await sim(scenario, ['--quiet', '--set', 'run.length=5000m']);
  assert.equal(code, 3);
  assert.match(out, /queues\.desk\.wait .*OFF/);
});

test('a figure that does not exist is not passed over', async () => {
  const scenario = example('erlang-a.json');
  for (const figure of ['queues.desk.weight', 'queues.deskk.wait', 'queue.desk.wait', 'wait', 'agents.all.wait']) {
    const { code, out } = await sim({ ...scenario, expect: { [figure]: 1 } }, ['--quiet', '--set', 'run.length=100m']);
    assert.equal(code, 3, figure);
    assert.match(out, /there is no such figure/);
  }
});

// estimates.test.mjs - what visitors are told of their wait is about as good as it can be without a model of the desk.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { example, figures, share } from './kit.mjs';

/** Root of the mean square of the error, over the mean wait of those in line: measured apart from usher (docs/routing.md). */
const settings = [
  ['a hundred agents, load 0.95', 0.247, {}],
  ['ten agents of three, load 0.95', 0.245, { arrivals: '28.5/m' }, { count: 10, capacity: 3 }],
  ['lognormal handling', 0.226, { handling: { lognormal: { mean: '1m', cv: 1 } } }],
  ['overload, and patience of four times the handling', 0.169, { arrivals: '110/m', patience: { exp: '4m' } }],
  ['much overload, and as much patience as handling', 0.165, { arrivals: '140/m', patience: { exp: '1m' } }],
];

for (const [name, reference, kind, agents] of settings) {
  test(name, async () => {
    const scenario = example('how-long.json');
    Object.assign(scenario.kinds[0], kind);
    Object.assign(scenario.agents[0], agents);
    scenario.run.length = `${Math.round(4000 * share * (agents ? 3 : 1))}m`;
    const get = await figures(scenario);
    const of = (figure) => get('queues', 'desk', figure);
    const { value, error } = of('told_error');
    assert.ok(error < 0.02 / share, `an error of ${error} proves nothing`);
    assert.ok(value <= 1.05 * reference + 3 * error, `${value} +- ${error}`);
    assert.ok(of('told').value > 0.99, 'almost everybody is told');
    assert.ok(Math.abs(of('told_bias').value) < 0.04, `bias ${of('told_bias').value}`);
    assert.ok(Math.abs(of('told_inside').value - 0.8) < 0.05, `inside ${of('told_inside').value}`);
    assert.ok(Math.abs(of('told_below').value - 0.9) < 0.03, `below ${of('told_below').value}`);
  });
}

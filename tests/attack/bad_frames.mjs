// bad_frames.mjs - messages that are no frames, or none that may be given, and why each of them is refused.
// SPDX-License-Identifier: MIT

const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const deep = (n) => '{"a":'.repeat(n) + '0' + '}'.repeat(n);
const keys = (n) => Array.from({ length: n }, (_, i) => `"k${i}":0`).join(',');

/* Behind `"session":"…",` of a `say`. */
const not_json = [
  /* A name comes twice, as it is or escaped. */
  '"body":"a","body":"b"', '"body":"a","\\u0062ody":"b"', '"key":"k","body":"a","key":"k"',
  '"body":"a","x":{"y":1,"y":2}',
  /* U+0000, surrogates that stand alone, escapes that are none. */
  '"body":"a\\u0000b"', '"body":"\\u0000"', '"\\u0000":1,"body":"a"', '"body":"\\ud83d"', '"body":"\\ude00"',
  '"body":"\\uD83D"', '"body":"\\ude00\\ud83d"', '"body":"\\ud83dx"', '"body":"\\ud83d\\ud83d"',
  '"body":"\\ud83d\\u0041"', '"\\ud800":1,"body":"a"', '"body":"\\u12"', '"body":"\\u12g4"', '"body":"\\U0041"',
  '"body":"\\a"', '"body":"\\"',
  /* Bytes that must be escaped. */
  '"body":"\0"', '"body":"\x1f"', '"body":"\t"', '"body":"\r\n"',
  /* Too deep, too many. */
  `"body":"a","x":${deep(8)}`, `"body":"a","x":${'['.repeat(8)}${']'.repeat(8)}`, `"body":"a",${keys(30)}`,
  `"body":"a","x":[${'0,'.repeat(64)}0]`,
  /* What others would forgive. */
  '"body":"a",', ',"body":"a"', '"body" "a"', '"body":"a" "x":1', "'body':'a'", 'body:"a"', '"body":tru',
  '"body":nul', '"body":True', '"body":undefined', '"body":"a"/**/',
];
const not_numbers = ['1.0', '1.5', '1e0', '1E2', '1e999', '-0', '01', '00', '+1', '.5', '1.', '0x1', 'NaN',
  'Infinity', '-', '--1', '1_0', '9007199254740992', '18446744073709551616', '9'.repeat(4000),
  `0.${'0'.repeat(400)}1`];
const not_objects = ['', ' ', '\n', '\0', 'null', 'true', '0', '""', '[]', '{}', '{"":""}', '{', '}', '"', ':', ',',
  '\\', '%7B%7D', '<xml/>', '{"a":'.repeat(3000), '['.repeat(16384)];
/* Around a `say` that is right. */
const spoilt = [
  (say) => `${say}x`, (say) => say + say, (say) => `${say}\n${say}`, (say) => `${say}\0`, (say) => `// ${say}`,
  (say) => `[${say}]`, (say) => JSON.stringify(say), (say) => bytes([0xef, 0xbb, 0xbf], say), (say) => `\u00a0${say}`,
  (say) => say.slice(0, -1), (say) => say.slice(0, -3),
  ...['["say"]', '{}', 'true', 'null', '1'].map((type) => (say) => say.replace('"say"', type)),
  ...['TYPE', 'Type', 'type ', 'typ'].map((name) => (say) => say.replace('type', name)),
];

const wrong_bodies = [
  '"body":null', '"body":1', '"body":true', '"body":["a"]', '"body":{"text":"a"}', '"body":""', '"Body":"a"',
  '"BODY":"a"', '"text":"a"', '"x":1', '"body":"a","Session":"x"', '"body":"a","key":""', '"body":"a","key":7',
  '"body":"a","key":null', `"body":"a","key":"${'k'.repeat(65)}"`, `"body":"a","key":"${'\u0e01'.repeat(22)}"`,
];
/* What a sender might like to decide himself. */
const foreign_fields = ['"by":{"kind":"agent","id":"ann"}', '"role":"agent"', '"sender":"ann"', '"agent":"ann"',
  '"visitor":"x"', '"index":1', '"seq":1', '"at":1', '"ts":1', '"log":"internal"', '"internal":true', '"after":1',
  '"name":"Ann"', '"token":"x"', '"epoch":"0123456789abcdef"', '"state":"closed"', '"queue":"sales"',
  '"__proto__":{"a":1}', '"constructor":1', '"":1'];
const wrong_ids = (id) => ['"x"', '""', '"*"', '"%"', '{"$ne":null}', '["x"]', 'null', '0', `"${id}0"`,
  `"${id.slice(1)}"`, `" ${id}"`, `"${id}\\n"`, `"' OR 1=1; --"`, `"0x${id.slice(2)}"`, `"${'A'.repeat(32)}"`,
  `"${'g'.repeat(32)}"`];
const wrong_queues = ['"../sales"', '"sales\\n"', '"SALES"', '"sa les"', '{"$gt":""}', '""', '1', 'null',
  `"${'q'.repeat(32)}"`, `"sales'--"`];
const wrong_forms = ['[]', '"x"', 'null', '{"name":1}', '{"name":{"$ne":""}}', '{"phone":"1"}', '{"name":"a\\nb"}',
  '{"name":"\\u202eevil"}', `{"name":"${'n'.repeat(81)}"}`, '{"email":"a"}', '{"email":"a@b@c"}',
  `{"email":"${'e'.repeat(250)}@b.cd"}`];
const wrong_types = ['said', 'opened', 'closed', 'joined', 'moved', 'bye', 'done', 'refused', 'reset', 'degraded',
  'Say', 'SAY', 'say ', ' say', 'say\\n', '', '__proto__', 'constructor', 'whisper', 'ready', 'accept', 'decline',
  'move', 'x'.repeat(9000)];

/** A visitor's commands for this session of his that would be right, but for one thing: { as, bytes, why, name }. */
export function nearly_right(session, of_others) {
  const say = (rest) => `{"type":"say","session":"${session}",${rest}}`;
  const seen = (index) => `{"type":"seen","session":"${session}","index":${index}}`;
  const history = (limit) => `{"type":"history","session":"${session}","limit":${limit}}`;
  const right = say('"body":"a"');
  const all = {
    bad_frame: [...not_json.map(say), ...not_numbers.map(seen), ...not_objects,
      ...spoilt.map((spoil) => spoil(right))],
    bad_field: [
      ...wrong_bodies.map(say),
      ...foreign_fields.map((field) => say(`"body":"a",${field}`)),
      ...['"1"', '-1', 'null', '[1]', 'true', '1000', '9007199254740991'].map(seen),
      ...['0', '101', '-1', '"1"', 'null'].map(history),
      ...wrong_ids(session).map((id) => `{"type":"say","session":${id},"body":"a"}`),
      ...wrong_queues.map((queue) => `{"type":"start","queue":${queue},"body":"a"}`),
      ...wrong_forms.map((form) => `{"type":"start","queue":"sales","body":"a","form":${form}}`),
      `{"type":"close","session":"${session}","why":"abandoned"}`,
      `{"type":"typing","session":"${session}","on":true}`,
      `{"type":"reopen","session":"${session}","queue":"sales"}`, '{"type":"typing"}', '{"type":"close"}',
    ],
    unknown_type: wrong_types.map((type) => `{"type":"${type}","session":"${session}","body":"a"}`),
    too_large: [say(`"body":"${'b'.repeat(8193)}"`), say(`"body":"${'\u0e01'.repeat(2731)}"`)],
    unknown: ['0'.repeat(32), of_others].flatMap((id) => [
      `{"type":"say","session":"${id}","body":"a"}`, `{"type":"close","session":"${id}"}`,
      `{"type":"typing","session":"${id}"}`, `{"type":"seen","session":"${id}","index":1}`,
      `{"type":"reopen","session":"${id}"}`, `{"type":"history","session":"${id}"}`,
    ]),
  };
  return Object.entries(all).flatMap(([why, list]) =>
    list.map((one) => ({ as: 'visitor', bytes: one, why, name: String(one).slice(0, 200) })));
}

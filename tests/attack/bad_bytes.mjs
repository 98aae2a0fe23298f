// bad_bytes.mjs - bytes behind a handshake that break the rules of WebSocket, and the codes that they end with.
// SPDX-License-Identifier: MIT
import { frame } from './kit.mjs';

const GONE = 1006; // closed without a code: so libwebsockets ends what begins with a head that it cannot read
const BINARY = 2;
const CLOSE = 8;
export const PING = 9;
export const PONG = 10;
const CONTROL = [CLOSE, PING, PONG];

export const all = (...frames) => Buffer.concat(frames);
export const more = (payload, options) => frame(payload, { ...options, fin: false });
export const rest = (payload, options) => frame(payload, { ...options, opcode: 0 });
const middle = (payload) => more(payload, { opcode: 0 });
const pieces = (n, payload) => all(more(payload), ...Array(n - 2).fill(middle(payload)), rest(payload));
const code = (n, text = '') => all(Buffer.from([n >> 8, n & 255]), Buffer.from(text, 'latin1'));
export const say = (session) => JSON.stringify({ type: 'say', session, body: 'a' });

/* No characters: a byte that cannot begin one or stand anywhere, overlong, a surrogate, too high, cut off. */
const not_utf8 = ['ff', '80', 'c0af', 'c181', 'e080af', 'eda080', 'f4908080', 'f5808080', 'e282', 'f09f98',
  'f888808080'];

const in_text = (session) => not_utf8.flatMap((hex) => {
  const bytes = Buffer.from(hex, 'hex');
  const [head, tail] = say(session).split('"a"');
  const body = all(Buffer.from(`${head}"`), bytes, Buffer.from(`"${tail}`));
  const at = body.length - tail.length - 2; // the last byte of those
  return [
    [`not UTF-8: ${hex}`, [1007, 4400], frame(body)],
    [`not UTF-8: ${hex}, cut in two`, [1007, 4400], all(more(body.subarray(0, at)), rest(body.subarray(at)))],
    [`not UTF-8: ${hex}, alone`, [1007, 4400], frame(bytes)],
  ];
});

const control = CONTROL.flatMap((opcode) => [
  [`control frame ${opcode} with a reserved bit`, [1002], frame('', { opcode, rsv: 4 })],
  [`control frame ${opcode} in pieces`, [1002], more('', { opcode })],
  [`control frame ${opcode} of 126`, [1002, GONE], frame(code(1000, 'x'.repeat(124)), { opcode })],
  [`control frame ${opcode} of 65,536`, [1002, GONE], frame('', { opcode, length: 65536 })],
]);

const closes = [
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999].map((n) => [`close with ${n}`, [1002], frame(code(n),
    { opcode: CLOSE })]),
  ['close with one byte', [1002, 1005, GONE], frame('x', { opcode: CLOSE })],
  ['close with a reason that is not UTF-8', [1002, 1007, GONE], frame(code(1000, '\xff\xfe'), { opcode: CLOSE })],
  ['close as it should be', [1000], frame(code(1000, 'bye'), { opcode: CLOSE })],
  ['close without a code', [1000, 1005], frame('', { opcode: CLOSE })],
];

/** For a visitor with this session; each: [name, the codes that may come, the bytes]. */
export const attacks = (session) => [
  ['binary', [1003], frame(say(session), { opcode: BINARY })],
  ['binary, empty', [1003], frame('', { opcode: BINARY })],
  ['binary, in pieces', [1003], all(more('a', { opcode: BINARY }), rest('b'))],
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => [`reserved bits ${rsv}`, [1002], frame(say(session), { rsv })]),
  ['reserved bit on the second piece', [1002], all(more('{'), rest('}', { rsv: 4 }))],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`opcode ${opcode}`, [1002], frame(say(session),
    { opcode })]),
  ...control,
  ...closes,
  ['close, and then go on', [1000], all(frame(code(1000), { opcode: CLOSE }), frame(say(session)))],
  ['a rest without a beginning', [1002], rest(say(session))],
  ['a middle without a beginning', [1002], middle(say(session))],
  ['text within text', [1002], all(more('{'), frame(say(session)))],
  ['binary within text', [1002], all(more('{'), frame('}', { opcode: BINARY }))],
  ['unmasked', [1002], frame(say(session), { mask: false })],
  ['unmasked, empty', [1002], frame('', { mask: false })],
  ['unmasked, 300 bytes', [1002], frame(say(session) + ' '.repeat(300), { mask: false })],
  ['unmasked rest', [1002], all(more('{'), rest('}', { mask: false }))],
  ['65 pieces', [1009], pieces(65, ' ')],
  ['65 empty pieces', [1009], pieces(65, '')],
  ['65,537 bytes told', [1009], frame('x', { length: 65537 })],
  ['2^32 bytes told', [1009], frame('x', { length: 2n ** 32n })],
  ['2^62 bytes told', [1009], frame('x', { length: 2n ** 62n })],
  ['2^63 bytes told', [1002, 1009, GONE], frame('x', { length: 2n ** 63n })],
  ['2^64 - 1 bytes told', [1002, 1009, GONE], frame('x', { length: 2n ** 64n - 1n })],
  ['too large in two pieces', [1009], all(more(' '.repeat(40000)), rest(' '.repeat(40000)))],
  ['too large, told in the second piece', [1009], all(more(' '.repeat(65000)), rest('x', { length: 1000 }))],
  ...in_text(session),
  ['a character cut off by the end', [1007, 4400], all(more([0xe2, 0x82]), rest(''))],
  ['zeros', [1002], Buffer.alloc(64)],
  ['ones', [1002, GONE], Buffer.alloc(64, 255)],
  ['HTTP', [1002], Buffer.from('POST /usher/login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')],
  ['TLS', [1002, 1003], Buffer.from('16030100', 'hex')],
];

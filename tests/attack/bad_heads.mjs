// bad_heads.mjs - requests that are not quite right, and the status that each of them is refused with.
// SPDX-License-Identifier: MIT

/* `@` stands for the origin of the server. */
const VERSION = 'Sec-WebSocket-Version: 13\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const PROTOCOL = 'Sec-WebSocket-Protocol: usher.v1\r\n';
export const HOST = 'Host: 127.0.0.1\r\n';
export const ORIGIN = 'Origin: @\r\n';
export const UPGRADE = 'Upgrade: websocket\r\n';
export const CONNECTION = 'Connection: Upgrade\r\n';
export const WHOLE = HOST + UPGRADE + CONNECTION + VERSION + KEY + PROTOCOL + ORIGIN;
export const GET = 'GET /usher HTTP/1.1\r\n';
export const LOGIN = `POST /usher/login HTTP/1.1\r\n${HOST}${ORIGIN}`;

export const filler = (size) => `X-Filler: ${'x'.repeat(size)}\r\n`;
export const without = (line) => WHOLE.replace(line, '');
const lines = (n) => Array.from({ length: n }, (_, i) => `X-${i}: y\r\n`).join('');

/** All of these, each as [status, bytes]. */
const all = (status, list, bytes = (one) => one) => list.map((one) => [status, bytes(one)]);
/** A handshake with another line instead of one, with another first line, or with more behind it. */
const other = (line, name) => (value) => `${GET}${WHOLE.replace(line, `${name}: ${value}\r\n`)}\r\n`;
const first = (line) => `${line}\r\n${WHOLE}\r\n`;
const more = (rest) => `${GET}${WHOLE}${rest}`;
const before = (line) => `${GET}${line}${WHOLE}\r\n`;
const left_out = (line) => `${GET}${without(line)}\r\n`;

const wrong_lengths = ['', '-1', '+1', '0x2', '1 1', '1,1', '1;', 'x', '1.0', '1e1', '01'];

/* No field may be folded, named badly, or end in another way than CR LF. */
const wrong_lines = ['X: a\r\n b\r\n\r\n', 'X : a\r\n\r\n', ': a\r\n\r\n', 'X\r\n\r\n', 'X(: a\r\n\r\n',
  'X\xe9: a\r\n\r\n', 'X: a\0b\r\n\r\n', 'X: a\x1bb\r\n\r\n', 'X: a\rb\r\n\r\n', 'X: a\nb: c\r\n\r\n', '\n',
  '\r\r\n'];

const versions = ['8', '0', '7', '12', '14', '013', '13 14', '13, 8', '+13', 'x', ''];
const keys = ['', 'AAAA', 'dGhlIHNhbXBsZSBub25jZQ', 'dGhlIHNhbXBsZSBub25jZQ=', 'dGhlIHNhbXBsZSBub25jZQ===',
  'dGhl_HNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZ===', '='.repeat(24), 'A'.repeat(24), 'A'.repeat(4000)];
const protocols = ['', 'usher', 'usher.v2', 'USHER.V1', 'usher.v1x', '"usher.v1"', 'usher.v1;q=1', 'http',
  'usher v1'];
const origins = ['null', '', '*', 'file://', 'http://evil.example', 'https://127.0.0.1:1', 'http://127.0.0.1',
  'http://127.0.0.2:1', 'HTTP://LOCALHOST:1', '@/', '@0', '@ x', 'x@', '@.evil.example', '@, http://evil.example',
  'http://evil.example, @'];
const upgrades = ['h2c', 'foo', '', 'websocket, h2c', 'h2c, websocket', 'websocket2', 'websocket/13', 'web socket',
  'TLS/1.0'];
const h2c = 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
const hosts = ['', 'a b', 'a/b', 'a@b', 'a,b', '\xe9', 'a?b', '<a>'];

export const handshakes = [
  ...all(400, ['GET /usher HTTP/1.0', 'GET /usher HTTP/2.0', 'GET /usher HTTP/1.2', 'GET /usher HTTP/0.9',
    'GET /usher http/1.1', 'GET /usher HTTP/1.1 ', 'GET /usher HTTP/01.1', 'GET /usher', 'GET  /usher HTTP/1.1',
    'GET\t/usher\tHTTP/1.1', ' GET /usher HTTP/1.1', '\r\nGET /usher HTTP/1.1', 'G@T /usher HTTP/1.1',
    'GET /usher HTTP/1.1\n'], first),
  ...all(405, ['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'get', 'GETS', 'X'],
    (method) => first(`${method} /usher HTTP/1.1`)),
  ...all(404, ['/', '/usher/', '/Usher', '/ush%65r', '/%2fusher', '//usher', '/usher/login', '/usher/..', '/./usher',
    '/usher%00', '/usher;x', '/console/', '/healthz'], (path) => first(`GET ${path} HTTP/1.1`)),
  ...all(400, ['http://127.0.0.1/usher', 'ws://127.0.0.1/usher', '*', 'usher', '127.0.0.1:80', '\\usher', '/usher#x',
    '/us\xc3\xa9er', '/us\x7fer'], (target) => first(`GET ${target} HTTP/1.1`)),
  ...all(426, versions, other(VERSION, 'Sec-WebSocket-Version')), [426, left_out(VERSION)],
  ...all(400, keys, other(KEY, 'Sec-WebSocket-Key')), [400, left_out(KEY)],
  ...all(400, protocols, other(PROTOCOL, 'Sec-WebSocket-Protocol')), [400, left_out(PROTOCOL)],
  ...all(403, origins, other(ORIGIN, 'Origin')), [403, left_out(ORIGIN)],
  ...all(400, upgrades, other(UPGRADE, 'Upgrade')),
  ...all(400, ['close', 'keep-alive', '', 'upgrade-insecure', 'Upgraded'], other(CONNECTION, 'Connection')),
  ...all(400, hosts, other(HOST, 'Host')),
  ...all(400, [CONNECTION, HOST], left_out),
  /* Twice is once too often. */
  ...all(400, [VERSION, KEY, ORIGIN, 'Origin: null\r\n', UPGRADE, 'Upgrade: h2c\r\n', HOST, 'Host: other\r\n'],
    before),
  /* Other protocols. */
  [400, `GET / HTTP/1.1\r\n${HOST}${h2c}\r\n`],
  [400, `GET / HTTP/1.1\r\n${HOST}Upgrade: foo\r\n${CONNECTION}\r\n`],
  ...all(400, ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    '\0']),
  /* A handshake has no body. */
  ...all(400, ['Content-Length: 3\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Length: 0\r\nContent-Length: 0\r\n\r\n',
    ...wrong_lengths.map((n) => `Content-Length: ${n}\r\n\r\n`)], more),
  ...all(400, wrong_lines, more),
  ...all(400, [' ', '\tX: a\r\n', ' X: a\r\n'], before),
  ...all(400, ['\n', '\r'], (end) => `${GET}${WHOLE}\r\n`.replaceAll('\r\n', end)),
  ...all(431, [filler(8192), filler(200000), lines(65), lines(5000)], before),
  ...all(431, ['G'.repeat(9000), first(`GET /${'u'.repeat(9000)} HTTP/1.1`)]),
];

const escapes = ['/..', '/../', '/../../etc/passwd', '/%2e%2e/', '/%2E%2e', '/.%2e/x',
  '/console/%2e%2e/%2e%2e/etc/passwd', '/..%2f', '/%2e%2e%2f', '/..\\', '/..%5c', '/%5c..', '/console/..',
  '/a/../b', '/.', '/./', '/%2e', '/console/./', '/%c0%ae%c0%ae/', '/%c0%af', '/%e0%80%ae', '/%00',
  '/index.html%00.png', '/%0d%0aX:1', '/%0a', '/%7f', '/%', '/%2', '/%zz', '/%u002e', '/a%2fb', '/%2f', '/%ff',
  '/%ed%a0%80', '/\\'];
const nowhere = ['/%252e%252e/', '/...', '/..;/', '/.git/config', '/demo.json', '/index.html/', '/nosuch', '//',
  '/console//', '/usher', '/etc/passwd', '/%e2%80%a5/'];
const no_targets = ['http://127.0.0.1/', '*', '', '/ /', '/\x01', '/\xff', '/#', '127.0.0.1:1', '?'];
const encodings = ['chunked', 'identity', 'gzip, chunked', 'xchunked', 'chunked, identity', ''];

const get = (path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
const page = (fields) => `GET / HTTP/1.1\r\n${fields}\r\n`;
const login = (fields, body = '{}') => `${LOGIN}${fields}\r\n${body}`;

export const requests = [
  ...all(400, [...escapes, ...no_targets], get),
  ...all(404, nowhere, get),
  ...all(400, ['', HOST + HOST, `${HOST}Host: other\r\n`, `${HOST} folded\r\n`, ` folded: 1\r\n${HOST}`], page),
  ...all(400, wrong_lines, (rest) => `GET / HTTP/1.1\r\n${HOST}${rest}`),
  ...all(400, ['GET / HTTP/1.0\r\n\r\n', `GET / HTTP/1.1\n${HOST}\n`, '\r\n\r\n', 'GET\r\n\r\n',
    `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${HOST}\r\n`, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
    `GET / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`]),
  ...all(405, ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'BREW'],
    (method) => `${method} / HTTP/1.1\r\n${HOST}\r\n`),
  ...all(405, ['/', '/healthz', '/metrics', '/usher/desk', '/console/'],
    (path) => `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`),
  /* The length of a body is told once, in digits, and in no other way. */
  [411, login('')],
  ...all(400, wrong_lengths, (n) => login(`Content-Length: ${n}\r\n`)),
  ...all(413, ['5000', '999999999', '9999999999', '18446744073709551617', '9'.repeat(1000)],
    (n) => login(`Content-Length: ${n}\r\n`)),
  ...all(400, ['2', '3'], (n) => login(`Content-Length: 2\r\nContent-Length: ${n}\r\n`)),
  ...encodings.flatMap((e) => all(400, ['', 'Content-Length: 4\r\n'].flatMap((length) => [
    login(`${length}Transfer-Encoding: ${e}\r\n`, `2\r\n{}\r\n0\r\n\r\n${get('/')}`),
    login(`Transfer-Encoding: ${e}\r\n${length}`, `2\r\n{}\r\n0\r\n\r\n${get('/')}`)]))),
  [400, login('Transfer-Encoding : chunked\r\nContent-Length: 2\r\n')],
  [400, login('Expect: 100-continue\r\nContent-Length: 2\r\n')],
  [417, login('Expect: 200-ok\r\nContent-Length: 2\r\n')],
  ...all(431, [HOST + filler(8192), HOST + filler(300000), HOST + lines(64)], page),
  ...all(431, [`/${'a'.repeat(8192)}`, `/?${'a'.repeat(70000)}`], get),
];

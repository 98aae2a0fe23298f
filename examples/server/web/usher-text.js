// usher-text.js - makes what people write fit for a frame.
// SPDX-License-Identifier: MIT

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const MARKS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

// U+0000 and lone surrogates may not stand in a frame.
export function cleanText(text) {
    return text.replaceAll('\0', '').replace(LONE_SURROGATE, '\ufffd');
}

export function byteLength(text) {
    return new TextEncoder().encode(text).length;
}

// A name or an address without control and direction marks, which may not stand in one.
export function cleanName(text) {
    return cleanText(text).replace(MARKS, '').trim();
}

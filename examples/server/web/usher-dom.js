// usher-dom.js - small tools that the widget and the console share for texts and elements.
// SPDX-License-Identifier: MIT

const FLASH_MS = 1200;
const clocks = {};
const MARK = String.raw`\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`;
const MARKS = new RegExp(`[${MARK}]`, 'gu');
// With a mark in it, it would not be read as the address that it is.
const LINK = new RegExp(String.raw`\bhttps?://[^\s<>"'${MARK}]+(?<![.,;:!?)\]}])`, 'gu');

// An element: el('button.primary', {type: 'button', onclick: f}, 'Send', child …).
// Text becomes text nodes, so nothing that anybody wrote is ever read as HTML.
export function el(name, props = {}, ...children) {
    const [tag, ...classes] = name.split('.');
    const node = document.createElement(tag);
    node.className = classes.join(' ');
    for (const [key, value] of Object.entries(props)) {
        if (key.startsWith('on')) {
            node[key] = value;
        } else if (typeof value === 'boolean') {
            node.toggleAttribute(key, value);
        } else if (value !== undefined && value !== null) {
            node.setAttribute(key, value);
        }
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}

// U+0000 and lone surrogates may not stand in a frame.
export function cleanText(text) {
    return text.replaceAll('\0', '').toWellFormed();
}

export function byteLength(text) {
    return new TextEncoder().encode(text).length;
}

// A name or an address without control and direction marks, which may not stand in one.
export function cleanName(text) {
    return cleanText(text).replace(MARKS, '').trim();
}

// Text in which web addresses are links. Anything else stays text.
export function richText(text) {
    const parts = document.createDocumentFragment();
    let from = 0;
    for (const match of text.matchAll(LINK)) {
        parts.append(text.slice(from, match.index));
        parts.append(el('a', {href: match[0], target: '_blank', rel: 'noopener noreferrer'},
                        match[0]));
        from = match.index + match[0].length;
    }
    parts.append(text.slice(from));
    return parts;
}

// lang: undefined for the browser's own.
// Making a format takes hundreds of times longer than using it.
export function clockTime(at, lang) {
    clocks[lang] ??= new Intl.DateTimeFormat(lang, {hour: '2-digit', minute: '2-digit'});
    return clocks[lang].format(at);
}

// "{who} joined" and {who: 'Ann'} make "Ann joined".
export function fill(template, values = {}) {
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// A live region speaks whenever it is written to, so only news are written.
export function write(node, text) {
    if (node.textContent !== text) {
        node.textContent = text;
    }
}

// Tell the link what the page learns about the network, sleep, and other tabs.
export function watchPage(link, signal) {
    if (navigator.onLine === false) {
        link.sleep();
    }
    addEventListener('online', () => link.wake(), {signal});
    addEventListener('offline', () => link.sleep(), {signal});
    addEventListener('pageshow', (event) => event.persisted && link.wake(), {signal});
    addEventListener('storage', (event) => link.stored(event.key), {signal});
    document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') {
            link.wake();
        }
    }, {signal});
}

// Shows a text in the title by turns with the page's own, until told to stop.
export class TitleFlash {
    _text = '';

    // '' stops it.
    show(text) {
        if (text !== this._text) {
            clearInterval(this._timer);
            this._restore();
            this._text = text;
            if (text !== '') {
                this._timer = setInterval(() => this._turn(), FLASH_MS);
                this._turn();
            }
        }
    }

    _turn() {
        if (!this._restore()) {
            this._own = document.title;
            document.title = this._text;
            this._shown = document.title;
        }
    }

    // False: the page shows a title of its own, maybe a new one.
    _restore() {
        const ours = document.title === this._shown;
        if (ours) {
            document.title = this._own;
        }
        return ours;
    }
}

// Is the key for an input method? Safari says of the last one that it is not; its code tells.
export function composing(event) {
    return event.isComposing || event.keyCode === 229;
}

// Enter sends, Shift+Enter begins a line.
export function sendsOnEnter(area, send) {
    area.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && !event.shiftKey && !composing(event)) {
            event.preventDefault();
            send();
        }
    });
}

// As high as its text, within what the style allows.
export function growing(area) {
    const fit = () => {
        area.style.height = 'auto';
        area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
    };
    area.addEventListener('input', fit);
    return fit;
}

// Move `box` children to be exactly `nodes`, touching only what differs, so that
// focus, selection and scrolling survive.
export function keepChildren(box, nodes) {
    const wanted = new Set(nodes);
    for (const child of [...box.childNodes]) {
        if (!wanted.has(child)) {
            child.remove();
        }
    }
    nodes.forEach((node, i) => {
        if (box.childNodes[i] !== node) {
            box.insertBefore(node, box.childNodes[i] ?? null);
        }
    });
}

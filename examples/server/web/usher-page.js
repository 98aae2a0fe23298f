// usher-page.js - small tools that the widget and the console share for building pages.
// SPDX-License-Identifier: MIT

const SVG = 'http://www.w3.org/2000/svg';
const FLASH_MS = 1200;
const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

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

// A line drawing of 24 by 24 from path data.
export function icon(path) {
    const svg = document.createElementNS(SVG, 'svg');
    const line = document.createElementNS(SVG, 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
}

export const ICONS = {
    talk: 'M4 5h16v11H9l-5 4z',
    close: 'M6 6l12 12M18 6L6 18',
    down: 'M6 9l6 6 6-6',
    back: 'M15 5l-7 7 7 7',
    send: 'M4 12l16-7-6 16-3-7z',
    lock: 'M6 11h12v9H6zM9 11V8a3 3 0 016 0v3',
    move: 'M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4',
};

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

export function clockTime(at) {
    return new Date(at).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});
}

// "{who} joined" and {who: 'Ann'} make "Ann joined".
export function fill(template, values = {}) {
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// localStorage or sessionStorage; null where the browser does not let us.
export function pageStorage(name) {
    try {
        return globalThis[name];
    } catch {
        return null;
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
    constructor() {
        this._own = null;
        this._timer = null;
        this._text = '';
    }

    // '' stops it.
    show(text) {
        if (text === '') {
            this.stop();
            return;
        }
        this._text = text;
        if (this._timer === null) {
            this._own = document.title;
            this._timer = setInterval(() => this._turn(), FLASH_MS);
            this._turn();
        }
    }

    stop() {
        if (this._timer !== null) {
            clearInterval(this._timer);
            this._timer = null;
            document.title = this._own;
        }
    }

    _turn() {
        document.title = document.title === this._own ? this._text : this._own;
    }
}

// Two soft tones, made here so that no file has to be fetched. Browsers allow
// it only after the person has done something on the page.
export class Chime {
    constructor() {
        this._audio = null;
    }

    // From within a click.
    allow() {
        const Audio = globalThis.AudioContext;
        this._audio ??= Audio ? new Audio() : null;
        this._audio?.resume().catch(() => {});
    }

    play(...tones) {
        if (this._audio === null || this._audio.state !== 'running') {
            return;
        }
        tones.forEach((hertz, i) => {
            const at = this._audio.currentTime + i * 0.16;
            const tone = this._audio.createOscillator();
            const volume = this._audio.createGain();
            tone.frequency.value = hertz;
            volume.gain.setValueAtTime(0, at);
            volume.gain.linearRampToValueAtTime(0.18, at + 0.02);
            volume.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
            tone.connect(volume).connect(this._audio.destination);
            tone.start(at);
            tone.stop(at + 0.32);
        });
    }
}

// Enter sends, Shift+Enter begins a line; not while an input method composes.
export function sendsOnEnter(area, send) {
    area.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
        }
    });
}

// As high as its text, within what the style allows.
export function growing(area) {
    const fit = () => {
        area.style.height = 'auto';
        area.style.height = `${area.scrollHeight + 2}px`;
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

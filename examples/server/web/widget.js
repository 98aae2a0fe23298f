// widget.js - puts the launcher on a shop's page; everything else is fetched when somebody clicks.
// SPDX-License-Identifier: MIT
//
//   <script type="module" src="https://desk.example/widget.js"></script>
//
// is all that a page needs. It may place <usher-chat> itself, and set the custom
// properties --usher-accent and --usher-on-accent on it. Before the click one
// GET asks whether the desk is open, unless a session is open already.

const SPACE = 'usher.visitor';
const BASE = new URL('./', import.meta.url);

const TEXTS = {
    label: 'Chat',
    hide: 'Close the chat',
    ready: 'Chat with us: somebody is here',
    away: 'Chat with us: nobody is at the desk right now',
    closed: 'Chat: we are closed right now',
    unread: (n) => (n === 1 ? '1 new message' : `${n} new messages`),
    failed: 'The chat could not be loaded. Click to try again.',
};

const STYLE = `
:host {
    all: initial;
    --accent: var(--usher-accent, #0b6b5d);
    --on-accent: var(--usher-on-accent, #fff);
    position: fixed;
    inset-inline-end: max(20px, env(safe-area-inset-right));
    inset-block-end: max(20px, env(safe-area-inset-bottom));
    z-index: 2147483000;
    font: 400 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    color-scheme: light dark;
}
:host([hidden]) { display: none; }
.launcher {
    position: relative;
    display: grid;
    place-items: center;
    inline-size: 60px;
    block-size: 60px;
    margin: 0;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    cursor: pointer;
    box-shadow: 0 0 0 2px rgb(255 255 255 / .9), 0 10px 28px rgb(0 0 0 / .3);
    transition: transform .15s ease, box-shadow .15s ease;
}
.launcher:hover { transform: translateY(-2px); }
.launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.launcher[aria-busy=true] svg { animation: breathe 1s ease-in-out infinite; }
.launcher svg { inline-size: 30px; block-size: 30px; }
.launcher path {
    fill: none; stroke: currentColor; stroke-width: 1.8;
    stroke-linecap: round; stroke-linejoin: round;
}
.launcher .shut { display: none; }
.launcher[aria-expanded=true] .talk { display: none; }
.launcher[aria-expanded=true] .shut { display: block; }
.dot, .badge { position: absolute; box-sizing: border-box; border-radius: 99px; }
.dot {
    inset-block-end: 2px; inset-inline-end: 2px;
    inline-size: 16px; block-size: 16px;
    border: 3px solid #fff;
    background: #9aa3a0;
}
.dot[data-desk=ready] { background: #27ae60; }
.dot[data-desk=away] { background: #e7a321; }
.badge {
    inset-block-start: -4px; inset-inline-end: -4px;
    min-inline-size: 24px; block-size: 24px;
    padding: 0 6px;
    border: 2px solid #fff;
    background: #c8321f; color: #fff;
    font: 700 13px/20px system-ui, sans-serif;
    text-align: center;
}
.dot[hidden], .badge[hidden], .dot.old, .launcher[aria-expanded=true] .dot { display: none; }
@keyframes breathe { 50% { opacity: .35; } }
@media (prefers-reduced-motion: reduce) {
    .launcher, .launcher[aria-busy=true] svg { transition: none; animation: none; }
}
`;

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

function drawing(name, d) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('class', name);
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', d);
    svg.append(path);
    return svg;
}

// Is there something that must go on although nobody has clicked on this page?
function underWay() {
    try {
        return Object.keys(localStorage).some((name) => name === `${SPACE}.open`
            || name.startsWith(`${SPACE}.out.`));
    } catch {
        return false;
    }
}

class UsherChat extends HTMLElement {
    connectedCallback() {
        if (this.shadowRoot !== null) {
            return;
        }
        const root = this.attachShadow({mode: 'open'});
        root.adoptedStyleSheets = [sheet];
        this._panel = null;
        this._desk = 'closed';
        this._unread = 0;
        this._button = document.createElement('button');
        this._button.type = 'button';
        this._button.className = 'launcher';
        this._button.onclick = () => this._click();
        this._dot = document.createElement('span');
        this._dot.className = 'dot';
        this._dot.hidden = true;
        this._badge = document.createElement('span');
        this._badge.className = 'badge';
        this._badge.hidden = true;
        this._button.append(drawing('talk', 'M4.5 5h15v11H11l-5 4v-4H4.5zM8.5 9h7M8.5 12h4.5'),
                            drawing('shut', 'M6 9.5l6 6 6-6'), this._dot, this._badge);
        root.append(this._button);
        this._say();
        if (underWay()) {
            this._load().then((panel) => panel.resume()).catch(() => {});
        }
        this._ask();
    }

    // What the panel tells the launcher.
    shown(open) {
        this._button.setAttribute('aria-expanded', String(open));
        this._open = open;
        this._say();
    }
    unread(n) {
        this._unread = n;
        this._badge.hidden = n === 0;
        this._badge.textContent = n > 99 ? '99+' : String(n);
        this._say();
    }
    desk(open, ready) {
        this._desk = !open ? 'closed' : ready ? 'ready' : 'away';
        this._dot.dataset.desk = this._desk;
        this._dot.hidden = false;
        this._say();
    }
    // While there is a session, what the desk was like when the page came is old news.
    session(open) {
        this._dot.classList.toggle('old', open);
    }
    get launcher() {
        return this._button;
    }

    async _ask() {
        try {
            const answer = await fetch(new URL('usher/desk', BASE), {credentials: 'omit'});
            const desk = await answer.json();
            this.desk(desk.open === true, desk.ready === true);
        } catch {
            // Nothing is known then, and nothing is said.
        }
    }

    _say() {
        const text = this._open ? TEXTS.hide : this._unread > 0
            ? `${TEXTS.label}: ${TEXTS.unread(this._unread)}`
            : this._dot.hidden || this._dot.classList.contains('old') ? TEXTS.label
                : TEXTS[this._desk];
        this._button.setAttribute('aria-label', text);
        this._button.title = text;
    }

    async _click() {
        try {
            const panel = await this._load();
            panel.toggle();
        } catch {
            this._button.setAttribute('aria-label', TEXTS.failed);
            this._button.title = TEXTS.failed;
        }
    }

    _load() {
        this._button.setAttribute('aria-busy', 'true');
        this._loading ??= import(new URL('widget-panel.js', BASE)).then(({Panel}) => {
            this._panel = new Panel(this, BASE, SPACE);
            return this._panel;
        }).catch((error) => {
            this._loading = undefined;
            throw error;
        }).finally(() => this._button.removeAttribute('aria-busy'));
        return this._loading;
    }
}

function place() {
    if (document.querySelector('usher-chat') === null) {
        document.body.append(document.createElement('usher-chat'));
    }
}

if (customElements.get('usher-chat') === undefined) {
    customElements.define('usher-chat', UsherChat);
    if (document.body !== null) {
        place();
    } else {
        addEventListener('DOMContentLoaded', place);
    }
}

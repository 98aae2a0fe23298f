// widget.js - puts the launcher on a shop's page; everything else is fetched when somebody clicks.
// SPDX-License-Identifier: MIT
//
//   <script type="module" src="https://desk.example/widget.js"></script>
//
// is all that a page needs. Before the click one GET asks whether the desk is open,
// unless a session is open already. The script may have data-lang="th" and
// data-theme="dark"; else the page's lang, the browser's languages and the system's
// colours decide. A page may also place <usher-chat lang data-theme> itself, and set
// the custom properties --usher-accent and --usher-on-accent on it.

const SPACE = 'usher.visitor';
const BASE = new URL('./', import.meta.url);
const SCRIPT = [...document.scripts].find((script) => script.src === import.meta.url);

const LABELS = {
    en: {
        chat: 'Chat',
        ready: 'somebody is here to answer',
        away: 'nobody is at the desk right now',
        closed: 'closed right now',
        failed: 'could not be loaded, click to try again',
    },
    th: {
        chat: 'แชท',
        ready: 'มีเจ้าหน้าที่พร้อมตอบ',
        away: 'ตอนนี้ไม่มีเจ้าหน้าที่ประจำอยู่',
        closed: 'ตอนนี้ปิดทำการ',
        failed: 'โหลดไม่สำเร็จ คลิกเพื่อลองอีกครั้ง',
    },
    ar: {
        chat: 'محادثة',
        ready: 'يوجد من يجيبك الآن',
        away: 'لا يوجد أحد من الموظفين الآن',
        closed: 'مغلقة الآن',
        failed: 'تعذّر التحميل، انقر للمحاولة مرة أخرى',
    },
    pl: {
        chat: 'Czat',
        ready: 'ktoś jest na miejscu i odpowie',
        away: 'w tej chwili nikogo nie ma',
        closed: 'teraz nieczynne',
        failed: 'nie udało się wczytać, kliknij, aby spróbować ponownie',
    },
    zh: {
        chat: '在线客服',
        ready: '有客服在线',
        away: '目前没有客服在线',
        closed: '现在是非营业时间',
        failed: '加载失败，点击重试',
    },
};

// What the launcher shows: something to talk to, or the way back.
const TALK = 'M21 11.5a8.4 8.4 0 01-12.2 7.5L3.5 20.5 5 15.4a8.4 8.4 0 1116-3.9z';
const BACK = 'M6 9.5l6 6 6-6';

const STYLE = `
:host {
    all: initial;
    --accent: var(--usher-accent, #0b6b5d);
    --on-accent: var(--usher-on-accent, #fff);
    position: fixed;
    inset-inline-end: 20px;
    inset-block-end: max(20px, env(safe-area-inset-bottom));
    z-index: 2147483000;
    font: 400 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    color-scheme: light dark;
}
:host([hidden]) { display: none; }
:host([data-theme=light]) { color-scheme: light; }
:host([data-theme=dark]) { color-scheme: dark; }
.launcher {
    position: relative;
    display: grid;
    place-items: center;
    inline-size: 60px;
    block-size: 60px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    cursor: pointer;
    box-shadow: 0 0 0 1px rgb(255 255 255 / .3), 0 8px 24px rgb(0 0 0 / .25);
    transition: transform .16s ease;
}
.launcher:hover { transform: scale(1.05); }
.launcher:focus-visible {
    outline: 3px solid var(--accent); outline-offset: 3px;
    box-shadow: 0 0 0 3px #fff;
}
.launcher[aria-busy=true] svg { opacity: .5; }
svg {
    inline-size: 28px; block-size: 28px;
    fill: none; stroke: currentColor; stroke-width: 1.8;
    stroke-linecap: round; stroke-linejoin: round;
}
.launcher::after, .badge {
    position: absolute;
    inset-inline-end: 0;
    border: 3px solid #fff;
    border-radius: 99px;
}
.launcher:is([data-desk=ready], [data-desk=away], [data-desk=closed])::after {
    content: "";
    inset-block-end: 0;
    inline-size: 11px; block-size: 11px;
    background: #8a9491;
}
.launcher[data-desk=ready]::after { background: #22a35a; }
.launcher[data-desk=away]::after { background: #e7a321; }
.launcher[aria-expanded=true]::after, .badge:empty { display: none; }
.badge {
    inset-block-start: -5px;
    min-inline-size: 10px;
    padding: 0 6px;
    border-width: 2px;
    background: #c8321f; color: #fff;
    font: 700 13px/20px system-ui, sans-serif;
}
@media (prefers-reduced-motion) {
    .launcher { transition: none; }
}
`;

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

// The first language that is wanted and known.
function language(host) {
    return [host.lang, SCRIPT?.dataset.lang, document.documentElement.lang, ...navigator.languages]
        .map((tag) => (tag ?? '').toLowerCase().split('-')[0])
        .find((tag) => Object.hasOwn(LABELS, tag)) ?? 'en';
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
        this.language = language(this);
        this._labels = LABELS[this.language];
        this.lang = this.language;
        this.dir = this.language === 'ar' ? 'rtl' : 'ltr';
        this._followTheme();
        this._open = false;
        this._news = '';
        this.launcher = document.createElement('button');
        this.launcher.type = 'button';
        this.launcher.className = 'launcher';
        this.launcher.onclick = () => this._click();
        this.launcher.append(this.icon(TALK));
        this._badge = document.createElement('span');
        this._badge.className = 'badge';
        this.launcher.append(this._badge);
        root.append(this.launcher);
        this.shown(false);
        if (underWay()) {
            this._load().then((panel) => panel.resume()).catch(() => {});
        }
        this.ask();
    }

    // What the panel tells the launcher.
    shown(open) {
        this._open = open;
        this.launcher.ariaExpanded = String(open);
        this.launcher.querySelector('path').setAttribute('d', open ? BACK : TALK);
        this._say();
    }
    unread(n, news) {
        this._news = news;
        this._badge.textContent = n === 0 ? '' : n > 99 ? '99+' : n;
        this._say();
    }
    // What the desk is like: ready, away or closed. '' is old news: there is a session.
    desk(state) {
        this.state = state;
        this.launcher.dataset.desk = state;
        this._say();
    }

    // A line drawing of 24 by 24 from path data.
    icon(d) {
        const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        svg.setAttribute('viewBox', '0 0 24 24');
        svg.setAttribute('aria-hidden', 'true');
        const path = document.createElementNS(svg.namespaceURI, 'path');
        path.setAttribute('d', d);
        svg.append(path);
        return svg;
    }

    // Its own data-theme, the script's, or what the page says of itself; else the system's.
    _followTheme() {
        const page = document.documentElement;
        const own = this.dataset.theme ?? SCRIPT?.dataset.theme;
        const follow = () => {
            this.dataset.theme = own ?? page.dataset.theme ?? 'auto';
        };
        new MutationObserver(follow).observe(page, {attributeFilter: ['data-theme']});
        follow();
    }

    async ask() {
        try {
            const answer = await fetch(new URL('usher/desk', BASE), {credentials: 'omit'});
            const {open, ready} = await answer.json();
            this.desk(!open ? 'closed' : ready ? 'ready' : 'away');
        } catch {
            // Nothing is known then, and nothing is said.
        }
    }

    _say(what) {
        const labels = this._labels;
        const news = what || this._news || labels[this.state];
        const label = news && !this._open ? `${labels.chat}: ${news}` : labels.chat;
        this.launcher.ariaLabel = label;
    }

    async _click() {
        try {
            (await this._load()).toggle();
        } catch {
            this._say(this._labels.failed);
        }
    }

    _load() {
        this.launcher.ariaBusy = 'true';
        this._loading ??= Promise.all([import(new URL('widget-panel.js', BASE)),
                                       import(new URL(`texts/${this.language}.js`, BASE))])
            .then(([{Panel}, {TEXTS}]) => new Panel(this, BASE, SPACE, TEXTS))
            .catch((error) => {
                this._loading = undefined;
                throw error;
            }).finally(() => {
                this.launcher.ariaBusy = 'false';
            });
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

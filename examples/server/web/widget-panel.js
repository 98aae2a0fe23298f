// widget-panel.js - the visitor's panel: the form, the session, and honest words about the link.
// SPDX-License-Identifier: MIT

import {UsherLink} from './usher.js';
import {usableStorage} from './usher-outbox.js';
import {byteLength} from './usher-text.js';
import {el, fill, growing, icon, ICONS, pageStorage, sendsOnEnter, TitleFlash, watchPage}
    from './usher-page.js';
import {Thread} from './usher-thread.js';
import {StartForm} from './widget-form.js';
import {sheet} from './widget-style.js';
import {TEXTS} from './widget-texts.js';

const IDLE_MS = 60000;          // a link that nobody needs is kept so long
const ASK_MS = 30000;
const NARROW = '(max-width: 519px)';

// What a visitor has begun on one page goes on with the next.
const pages = usableStorage(pageStorage('sessionStorage'));

function sessionItem(name) {
    return pages.getItem(`usher.visitor.${name}`) ?? '';
}

function keepItem(name, text) {
    pages.setItem(`usher.visitor.${name}`, text);
}

export class Panel {
    // host: the element with the launcher; base: where the desk's files are.
    constructor(host, base, space) {
        const url = new URL('usher', base);
        url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
        this._host = host;
        this._base = base;
        this._space = space;
        this._open = false;
        this._fresh = false;            // the visitor wants a new session
        this._asking_end = false;
        this._notice = '';
        this._idle = null;
        this._desk = null;
        this._flash = new TitleFlash();
        this._storage = usableStorage(pageStorage('localStorage'));
        this._link = new UsherLink({
            url: url.href, as: 'visitor', space, storage: this._storage,
            locks: navigator.locks, about: () => this._about()});
        this._build();
        host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet];
        host.shadowRoot.append(this.node);
        this._link.on('change', () => this._draw()).on('refused', (event) => this._refused(event))
            .on('hello', () => host.desk(this._link.desk.open,
                                         this._link.desk.queues.some((q) => q.open && q.ready)));
        watchPage(this._link);
        document.addEventListener('visibilitychange', () => this._draw());
        this._fitViewport();
    }

    toggle() {
        if (this._open) {
            this.hide();
        } else {
            this.show();
        }
    }

    show() {
        this._open = true;
        this.node.hidden = false;
        keepItem('shown', '1');
        this._host.shown(true);
        this._link.connect();
        this._draw();
        this._thread.toEnd();
        if (matchMedia(NARROW).matches) {
            this.node.focus({preventScroll: true});
        } else if (this._view() === 'form') {
            this._form.focus();
        } else {
            this._area.focus({preventScroll: true});
        }
    }

    hide() {
        this._open = false;
        this._asking_end = false;
        this.node.hidden = true;
        keepItem('shown', '');
        this._host.shown(false);
        this._host.launcher.focus({preventScroll: true});
        this._draw();
    }

    // On a page that was come to with a session open.
    resume() {
        if (sessionItem('shown') !== '' && !matchMedia(NARROW).matches) {
            this._open = true;
            this.node.hidden = false;
            this._host.shown(true);
        }
        this._link.connect();
        this._draw();
    }

    _about() {
        return {locale: navigator.language || 'en',
                page: {url: location.origin + location.pathname,
                       title: document.title.slice(0, 200)}};
    }

    // ---- the parts ------------------------------------------------------

    _build() {
        this._title = el('h2', {id: 'usher-title', dir: 'auto'}, TEXTS.title);
        this._status = el('p.status', {role: 'status', dir: 'auto'});
        this._end = el('button.end', {type: 'button', title: TEXTS.end,
                                      onclick: () => this._askEnd(true)}, TEXTS.end_short);
        const hide = this._iconButton('down', TEXTS.hide, () => this.hide());
        this._banner = el('button.banner', {type: 'button', onclick: () => this._link.wake()});
        this._form = new StartForm(this._link, TEXTS, (start) => this._start(start));
        this._thread = new Thread(this._link, TEXTS, {
            retry: (entry) => this._link.retry(entry.key),
            edit: (entry) => this._edit(entry),
            discard: (entry) => this._link.discard(entry.key)});
        this._place = el('p.place', {role: 'status'});
        this._buildComposer();
        this._sure = el('div.bar', {role: 'group', 'aria-label': TEXTS.end_sure},
                        el('p', {}, TEXTS.end_sure),
                        el('button.danger', {type: 'button', onclick: () => this._endNow()},
                           TEXTS.end_yes),
                        el('button', {type: 'button', onclick: () => this._askEnd(false)},
                           TEXTS.end_no));
        this._reopen = el('button', {type: 'button', onclick: () => this._reopenNow()},
                          TEXTS.reopen);
        this._ended = el('div.bar', {}, el('p', {}, TEXTS.ended),
                         el('button.primary', {type: 'button', onclick: () => this._again()},
                            TEXTS.start_again), this._reopen);
        this._said = el('p.notice', {role: 'alert'});
        this.node = el('section.panel', {
            id: 'usher-panel', role: 'dialog', 'aria-labelledby': 'usher-title', tabindex: '-1',
            hidden: true, onkeydown: (event) => this._key(event)},
                       el('div.head', {}, el('div.who', {}, this._title, this._status),
                          this._end, hide),
                       this._banner, this._form.node, this._thread.node, this._place, this._said,
                       this._sure, this._ended, this._composer);
    }

    _buildComposer() {
        this._area = el('textarea', {rows: '1', id: 'usher-message',
                                     placeholder: TEXTS.message_hint,
                                     'aria-label': TEXTS.message});
        this._area.value = sessionItem('draft');
        this._fit = growing(this._area);
        this._area.addEventListener('input', () => this._typed());
        sendsOnEnter(this._area, () => this._send());
        this._count = el('p.count', {role: 'alert'});
        this._composer = el('form.composer', {onsubmit: (event) => {
            event.preventDefault();
            this._send();
        }}, this._count, this._area, this._iconButton('send', TEXTS.send, null, 'submit'));
    }

    _iconButton(name, label, act, type = 'button') {
        return el(`button.square.${name}`, {type, 'aria-label': label, title: label,
                                            onclick: act}, icon(ICONS[name]));
    }

    // A keyboard on a phone covers half of the page; the visual viewport knows.
    _fitViewport() {
        const view = globalThis.visualViewport;
        const fit = () => {
            this.node.style.setProperty('--view-top', `${view.offsetTop}px`);
            this.node.style.setProperty('--view-height', `${view.height}px`);
        };
        if (view) {
            view.addEventListener('resize', fit);
            view.addEventListener('scroll', fit);
            fit();
        }
    }

    // ---- what it shows --------------------------------------------------

    // The open session, or the one that ended last.
    _log() {
        let best = null;
        for (const log of this._link.sessions.values()) {
            const newer = best === null || (log.open !== best.open ? log.open
                : (log.opened_at ?? 0) > (best.opened_at ?? 0));
            if (newer && log.public.cursor > 0) {
                best = log;
            }
        }
        return best;
    }

    _startEntry() {
        return this._link.pending(null).find((entry) => entry.command.type === 'start');
    }

    _view() {
        const start = this._startEntry();
        if (start !== undefined) {
            return start.failed === undefined ? 'thread' : 'form';
        }
        const log = this._log();
        return log === null || (this._fresh && !log.open) ? 'form' : 'thread';
    }

    _draw() {
        const focused = this._host.shadowRoot.activeElement;
        this._drawParts();
        // What had the focus may be hidden now; the keyboard stays in the panel all the same.
        if (this._open && focused !== null && this._host.shadowRoot.activeElement === null) {
            this.node.focus({preventScroll: true});
        }
    }

    _drawParts() {
        const view = this._view();
        const start = this._startEntry();
        const log = start === undefined || this._log()?.open ? this._log() : null;
        const form = view === 'form';
        if (log?.open) {
            this._fresh = false;
        }
        this._remember();
        this._drawBanner();
        this._form.node.hidden = !form;
        this._thread.node.hidden = form;
        if (form) {
            this._liftFailed();
            this._form.draw(this._desk);
        } else if (this._open) {
            this._thread.draw(log);
        }
        const closed = !form && log !== null && !log.open;
        this._drawHead(form, log);
        this._drawPlace(form ? null : log);
        this._end.hidden = form || closed || log === null;
        this._sure.hidden = !this._asking_end || this._end.hidden;
        this._ended.hidden = !closed;
        this._composer.hidden = form || closed;
        this._said.textContent = this._notice;
        this._read(form ? null : log);
        this._relax();
    }

    _drawBanner() {
        const state = this._link.state;
        let text = '';
        if (state !== 'open' && !this._link.online) {
            text = TEXTS.banner.offline;
        } else if (state === 'open') {
            text = this._link.degraded ? TEXTS.banner.degraded : '';
        } else if (state === 'connecting' && this._link.me === null) {
            text = TEXTS.banner.connecting;
        } else if (state !== 'off') {
            text = TEXTS.banner[state] ?? TEXTS.banner.waiting;
        }
        if (this._banner.textContent !== text) {
            this._banner.textContent = text;
        }
        this._banner.hidden = text === '';
    }

    _drawHead(form, log) {
        const agent = log?.agent;
        let text = '';
        if (form) {
            text = '';
        } else if (log === null) {
            text = TEXTS.status.sending;
        } else if (log.state === 'closed') {
            text = TEXTS.status.closed;
        } else if (log.state === 'waiting' || !agent) {
            text = log.next ? fill(TEXTS.status.waiting_for, {who: log.next.name || log.next.id})
                : TEXTS.status.waiting;
        } else {
            const away = log.here.agent === false;
            text = fill(away ? TEXTS.status.away : TEXTS.status.active,
                        {who: agent.name || agent.id, kind: TEXTS.kinds[agent.kind ?? 'agent']});
        }
        if (this._status.textContent !== text) {
            this._status.textContent = text;
        }
    }

    _drawPlace(log) {
        const place = log?.state === 'waiting' ? log.place : null;
        let text = '';
        if (place) {
            text = place.place === 1 ? TEXTS.place.next
                : fill(TEXTS.place.number, {n: place.place});
            if (place.wait_ms) {
                const [low, high] = place.wait_ms.map((ms) => Math.max(1, Math.ceil(ms / 60000)));
                text += ` ${fill(low === high ? TEXTS.place.wait_short : TEXTS.place.wait,
                                 {low, high})}`;
            }
        }
        this._place.hidden = text === '';
        if (this._place.textContent !== text) {
            this._place.textContent = text;
        }
    }

    // What could not be sent goes back into the form, to be sent from there.
    _liftFailed() {
        const orphans = this._link.orphans();
        const keys = orphans.map((entry) => entry.key).join();
        if (keys !== '' && this._lifted !== keys) {
            const {failed, command} = orphans[0];
            const texts = orphans.map((entry) => entry.command.body);
            this._lifted = keys;
            this._form.failed(fill(TEXTS.not_sent, {why: TEXTS.whys[failed.why] ?? failed.text}),
                              command.form ?? {}, texts.join('\n'));
        }
    }

    // What is on the screen has been seen; what is not makes the launcher speak up.
    _read(log) {
        const visible = document.visibilityState === 'visible';
        if (this._open && visible && log !== null && log.current) {
            this._link.seen(log.id);
        }
        const latest = this._log();
        const n = latest !== null && latest.open ? latest.unread('visitor') : 0;
        this._host.session(latest?.open === true);
        this._host.unread(this._open && visible ? 0 : n);
        this._flash.show(n > 0 && !(this._open && visible) ? TEXTS.flash(n) : '');
    }

    // The next page must know whether to go on.
    _remember() {
        if (this._link.state === 'open') {
            if ([...this._link.sessions.values()].some((log) => log.open)) {
                this._storage.setItem(`${this._space}.open`, '1');
            } else {
                this._storage.removeItem(`${this._space}.open`);
            }
        }
    }

    // No panel, no session, nothing to send: no link. An open form asks how things are.
    _relax() {
        const needed = this._open || this._log()?.open || this._link.pending(null).length > 0;
        if (needed) {
            clearTimeout(this._idle);
            this._idle = null;
        } else if (this._idle === null && this._link.state !== 'off') {
            this._idle = setTimeout(() => this._link.disconnect(), IDLE_MS);
        }
        const asking = this._open && !this._form.node.hidden;
        if (asking && !this._asking) {
            this._asking = setInterval(() => this._askDesk(), ASK_MS);
        } else if (!asking && this._asking) {
            clearInterval(this._asking);
            this._asking = null;
        }
    }

    async _askDesk() {
        try {
            const answer = await fetch(new URL('usher/desk', this._base), {credentials: 'omit'});
            this._desk = await answer.json();
            this._host.desk(this._desk.open === true, this._desk.ready === true);
            this._draw();
        } catch {
            // The banner says enough.
        }
    }

    // ---- what the visitor does ------------------------------------------

    _start(start) {
        for (const entry of [...this._link.orphans(), ...this._link.pending(null)]) {
            this._link.discard(entry.key);
        }
        this._fresh = false;
        this._link.start(start);
        this._draw();
        this._thread.toEnd();
        this._area.focus({preventScroll: true});
    }

    _send() {
        const body = this._area.value.trim();
        if (body === '' || byteLength(body) > this._link.limits.body) {
            return;
        }
        const start = this._startEntry();
        const log = this._log();
        this._area.value = '';
        this._typed();
        this._link.say(start !== undefined && !log?.open ? {start: start.key} : log.id, body);
        this._thread.toEnd();
    }

    _typed() {
        const over = byteLength(this._area.value.trim()) - this._link.limits.body;
        this._count.textContent = over > 0 ? fill(TEXTS.too_long, {n: over}) : '';
        keepItem('draft', this._area.value);
        this._fit();
        const log = this._log();
        if (this._area.value !== '' && log?.state === 'active') {
            this._link.typing(log.id);
        }
    }

    _edit(entry) {
        this._area.value = [entry.command.body, this._area.value].filter(Boolean).join('\n');
        this._link.discard(entry.key);
        this._typed();
        this._area.focus();
    }

    _askEnd(ask) {
        this._asking_end = ask;
        this._draw();
        if (ask) {
            this._sure.querySelector('button').focus();
        }
    }

    _endNow() {
        this._asking_end = false;
        this._link.close(this._log().id);
    }

    _again() {
        this._fresh = true;
        this._notice = '';
        this._draw();
        this._form.focus();
    }

    _reopenNow() {
        this._link.reopen(this._log().id);
    }

    _refused({note, command}) {
        this._notice = '';
        if (command?.type === 'reopen' && note.retry_ms === undefined) {
            this._notice = TEXTS.reopen_late;
            this._reopen.hidden = true;
        } else if (note.retry_ms !== undefined && command) {
            this._notice = note.why === 'degraded' ? TEXTS.banner.degraded : TEXTS.banner.busy;
            clearTimeout(this._notice_over);
            this._notice_over = setTimeout(() => {
                this._notice = '';
                this._draw();
            }, note.retry_ms + 1500);
        }
        this._draw();
    }

    _key(event) {
        if (event.key === 'Escape') {
            event.stopPropagation();
            if (this._asking_end) {
                this._askEnd(false);
            } else {
                this.hide();
            }
        }
    }
}

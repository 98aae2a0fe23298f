// widget-panel.js - the visitor's panel: the form, the session, and honest words about the link.
// SPDX-License-Identifier: MIT

import {Link} from './usher-link.js';
import {Store} from './usher-outbox.js';
import {byteLength, cleanName, composing, el, fill, growing, sendsOnEnter, TitleFlash, watchPage,
        write} from './usher-dom.js';
import {StartForm} from './widget-form.js';
import {sheet} from './widget-style.js';
import {Thread} from './widget-thread.js';

const IDLE_MS = 60000;          // a link that nobody needs is kept so long
const ASK_MS = 30000;
const NARROW = '(max-width: 519px)';
const ZOOMS = [1, 1.15, 1.3, 1.5, 1.75, 2];
const SHOWN = 'usher.visitor.shown';
const DRAFT = 'usher.visitor.draft';
const DOWN = 'M6 9l6 6 6-6';
const UP = 'M12 19V5.5M6 11l6-6 6 6';
const STOPS = 'button, input, textarea, a, [tabindex="0"]';

// What a visitor has begun on one page goes on with the next.
const pages = new Store(() => sessionStorage);

// A line that is there only if it says something.
function line(node, text) {
    write(node, text);
    node.hidden = text === '';
}

function nameOf(agent) {
    return agent.name || agent.id;
}

// The texts of one language (texts/*.js), and what is made of them. plural(forms, n)
// picks the form of a text that goes with a number. lang names the digits as well, since
// some of them are in the texts.
export function sentences(texts, lang) {
    const {events, kinds} = texts;
    const rules = new Intl.PluralRules(lang);
    const plural = (forms, n) => (forms[rules.select(n)] ?? forms.other)
        .replace('{n}', n.toLocaleString(lang));

    return {
        ...texts,
        lang,
        plural,
        whys: {...texts.whys, bad_frame: texts.whys.bad_field},

        // The line that a fact makes in the log; null: none.
        fact({type, why, by, agent = {}, queue}, link) {
            const text = events[`${type}_${why}`] ?? events[type] ?? events[type + (
                type !== 'moved' ? by?.kind === 'visitor' ? '_you' : '_who'
                    : agent.id ? '_agent' : '_queue')];
            return text ? fill(text, {
                who: by ? by.name || kinds[by.kind] : nameOf(agent),
                kind: kinds.agent,
                agent: nameOf(agent),
                queue: link.desk?.queues.find(({id}) => id === queue)?.name ?? queue,
            }) : null;
        },

        // Where in line, and for how long: what a `place` note says.
        place(note) {
            let text = note.place === 1 ? texts.place.next
                : fill(texts.place.number, {n: note.place});
            if (note.wait_ms) {
                const [low, high] = note.wait_ms.map((ms) => Math.max(1, Math.ceil(ms / 60000)));
                const span = low === high ? high : `${low}–${high}`;
                text += ` ${fill(plural(texts.place.wait, high), {span})}`;
            }
            return text;
        },
    };
}

export class Panel {
    // host: the element with the launcher; base: where the desk's files are.
    constructor(host, base, space, texts) {
        const url = new URL('usher', base);
        url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
        this._host = host;
        this._space = space;
        this._texts = sentences(texts, `${host.language}-u-nu-latn`);
        this._open = false;
        this._fresh = false;            // the visitor wants a new session
        this._asking_end = false;
        this._late = null;              // the session that can not be reopened any more
        this._visited = '';             // the page and the session it was told to
        this._busy = false;             // what was refused is tried again
        this._lifted = new Set();       // keys of what was not sent and is in the form
        this._flash = new TitleFlash();
        this._storage = new Store(() => localStorage);
        this._link = new Link({
            url: url.href, as: 'visitor', space, storage: this._storage, locks: navigator.locks,
            about: () => ({locale: host.language, page: this._page()})});
        this._build();
        this._zoom(0);
        host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet];
        host.shadowRoot.append(this.node);
        host.shadowRoot.addEventListener('keydown', (event) => this._key(event));
        this._link.on('change', () => this._draw()).on('refused', (event) => this._refused(event))
            .on('hello', ({desk}) => host.desk(!desk.open ? 'closed'
                : desk.queues.some((queue) => queue.open && queue.ready) ? 'ready' : 'away'));
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
        this._appear();
        this._thread.toEnd();
        if (!matchMedia(NARROW).matches) {
            (this._form.node.hidden ? this._area : this._form).focus({preventScroll: true});
        }
        // On a phone the keyboard would cover what is to be read first.
        if (!this.node.matches(':focus-within')) {
            this.node.focus({preventScroll: true});
        }
    }

    hide() {
        this._open = false;
        this._asking_end = false;
        this.node.hidden = true;
        pages.remove(SHOWN);
        this._host.shown(false);
        this._host.launcher.focus({preventScroll: true});
        this._draw();
    }

    // On a page that was come to with a session open.
    resume() {
        if (pages.get(SHOWN) !== null && !matchMedia(NARROW).matches) {
            this._appear();
        } else {
            this._link.connect();
        }
    }

    _appear() {
        this._open = true;
        this.node.hidden = false;
        this.node.ariaModal = String(matchMedia(NARROW).matches);
        pages.set(SHOWN, '1');
        this._host.shown(true);
        this._link.connect();
        this._draw();
    }

    // Without the part behind '#', which is between the page and its reader.
    _page() {
        return {url: location.href.split('#')[0].slice(0, 2048),
                title: cleanName(document.title.slice(0, 150))};
    }

    // ---- the parts ------------------------------------------------------

    _build() {
        const t = this._texts;
        this._face = el('span.face', {'aria-hidden': 'true'});
        this._status = el('p.status', {role: 'status'});
        this._banner_text = el('span');
        this._wake = this._button('small', '', () => this._link.wake());
        this._banner = el('div.banner', {role: 'status'}, this._banner_text, this._wake);
        this._form = new StartForm(this._link, t, (text) => this._tooLong(text),
                                   (start) => this._start(start));
        this._thread = new Thread(this._link, t, {
            retry: (entry) => this._link.retry(entry.key),
            edit: (entry) => this._edit(entry),
            discard: (entry) => this._link.discard(entry.key)});
        this._place = el('p.place', {role: 'status'});
        this._said = el('p.notice', {role: 'alert'});
        this._sure = el('div.bar', {role: 'group', 'aria-label': t.end_sure},
                        el('p', {}, t.end_sure),
                        this._button('danger', t.end_yes, () => this._endNow()),
                        this._button('', t.end_no, () => this._askEnd(false)));
        this._reopen = this._button('', t.reopen, () => this._link.reopen(this._log().id));
        this._ended = el('div.bar', {}, el('p', {}, t.ended),
                         this._button('primary', t.start_again, () => this._again()),
                         this._reopen);
        this._buildComposer();
        this._smaller = this._button('smaller', 'A−', () => this._zoom(-1), `A− ${t.smaller}`);
        this._larger = this._button('larger', 'A+', () => this._zoom(1), `A+ ${t.larger}`);
        this._end = this._button('end', t.end, () => this._askEnd(true));
        this.node = el('section.panel', {id: 'usher-panel', role: 'dialog', tabindex: '-1',
                                         'aria-labelledby': 'usher-title', hidden: true},
                       el('div.head', {}, this._face,
                          el('div.who', {}, el('h2', {id: 'usher-title'}, t.title), this._status),
                          this._button('square', this._host.icon(DOWN), () => this.hide(), t.hide)),
                       this._banner, this._form.node, this._thread.node, this._place, this._said,
                       this._sure, this._ended, this._composer,
                       el('div.foot', {}, this._smaller, this._larger, this._end));
    }

    _buildComposer() {
        const t = this._texts;
        this._area = el('textarea', {rows: '1', id: 'usher-message', 'aria-label': t.message,
                                     placeholder: t.message_hint});
        this._area.value = pages.get(DRAFT);
        this._fit = growing(this._area);
        this._area.addEventListener('input', () => this._typed());
        sendsOnEnter(this._area, () => this._send());
        this._count = el('p.count', {role: 'alert'});
        this._go = el('button.square.send', {type: 'submit', title: t.send, 'aria-label': t.send},
                      this._host.icon(UP));
        this._composer = el('form.composer', {onsubmit: (event) => {
            event.preventDefault();
            this._send();
        }}, this._count, this._area, this._go);
    }

    _button(name, inner, act, label) {
        return el(name === '' ? 'button' : `button.${name}`,
                  {type: 'button', title: label, 'aria-label': label, onclick: act}, inner);
    }

    // Larger or smaller text, up to twice its size; the next page remembers.
    _zoom(step) {
        const key = `${this._space}.zoom`;
        const now = Math.max(0, ZOOMS.indexOf(Number(this._storage.get(key))));
        const next = Math.min(Math.max(now + step, 0), ZOOMS.length - 1);
        if (step !== 0) {
            this._storage.set(key, String(ZOOMS[next]));
        }
        this.node.style.setProperty('--zoom', ZOOMS[next]);
        this._smaller.disabled = next === 0;
        this._larger.disabled = next === ZOOMS.length - 1;
        this._fit();
    }

    // A keyboard on a phone covers half of the page; the visual viewport knows.
    _fitViewport() {
        const view = globalThis.visualViewport;
        const fit = () => {
            this.node.style.setProperty('--view-top', `${view.offsetTop}px`);
            this.node.style.setProperty('--view-height', `${view.height}px`);
        };
        view.addEventListener('resize', fit);
        view.addEventListener('scroll', fit);
        fit();
    }

    // ---- what it shows --------------------------------------------------

    // The open session, or the one that ended last.
    _log() {
        return [...this._link.sessions.values()].filter((log) => log.public.cursor > 0)
            .sort((a, b) => b.open - a.open || b.opened_at - a.opened_at)[0] ?? null;
    }

    _startEntry() {
        return this._link.pending(null).find((entry) => entry.command.type === 'start');
    }

    _showsForm() {
        const start = this._startEntry();
        const log = this._log();
        if (start !== undefined) {
            return start.failed !== undefined;
        }
        // A session was open on the page before, and has not streamed in yet.
        return log !== null ? this._fresh && !log.open : this._link.me !== null
            || this._storage.get(`${this._space}.open`) === null;
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
        const form = this._showsForm();
        const log = this._startEntry() === undefined || this._log()?.open ? this._log() : null;
        const closed = !form && log !== null && !log.open;
        if (log?.open) {
            this._fresh = false;
            this._visit(log);
        }
        this._remember();
        this._drawBanner();
        this._form.node.hidden = !form;
        this._thread.node.hidden = form;
        if (form) {
            this._link.orphans().forEach((entry) => this._lift(entry));
            this._form.draw(this._host.state);
        } else if (this._open) {
            this._thread.draw(log);
        }
        this._drawHead(form, log);
        line(this._place, !form && log?.state === 'waiting' && log.place !== null
            ? this._texts.place(log.place) : '');
        this._busy &&= this._link.pending(log?.id ?? null).some((entry) => !entry.failed);
        line(this._said, this._busy ? this._texts.banner.busy
            : closed && this._late === log.id ? this._texts.reopen_late : '');
        this._end.hidden = form || closed || log === null;
        this._sure.hidden = !this._asking_end || this._end.hidden;
        this._ended.hidden = !closed;
        this._reopen.hidden = this._late === log?.id;
        this._composer.hidden = form || closed;
        this._allow();
        this._read(form ? null : log);
        this._relax(form);
    }

    _drawBanner() {
        const {state, online, degraded, me} = this._link;
        const {banner} = this._texts;
        const what = state === 'open' ? (degraded ? 'degraded' : '') : !online ? 'offline'
            : state === 'replaced' ? state
                : state === 'off' || (state === 'connecting' && me === null) ? '' : 'waiting';
        line(this._banner_text, banner[what] ?? '');
        line(this._wake, {waiting: banner.retry, replaced: banner.here}[what] ?? '');
        this._banner.hidden = what === '';
    }

    _drawHead(form, log) {
        const agent = form ? null : log?.agent;
        const who = agent?.name || agent?.id || '';
        line(this._status, form ? '' : this._stateOf(log, who));
        this._face.hidden = who === '';
        this._face.textContent = [...who].slice(0, 1).join('').toUpperCase();
        this._face.dataset.here = String(this._link.state === 'open' && log?.state === 'active'
            && log.here.agent !== false);
    }

    _stateOf(log, who) {
        const {connecting, status, kinds} = this._texts;
        if (log === null) {
            return this._startEntry() ? status.sending : connecting;
        }
        if (log.state === 'active' && who !== '') {
            return fill(log.here.agent === false ? status.away : status.active,
                        {who, kind: kinds[log.agent.kind ?? 'agent']});
        }
        return log.state === 'closed' ? status.closed
            : log.next ? fill(status.waiting_for, {who: log.next.name || log.next.id})
                : status.waiting;
    }

    // What could not be sent goes back into the form, to be sent from there.
    _lift({key, failed, command}) {
        if (!this._lifted.has(key)) {
            const why = this._texts.whys[failed.why] ?? failed.text;
            this._lifted.add(key);
            this._form.failed(fill(this._texts.not_sent, {why}), command.form ?? {}, command.body);
        }
    }

    // What is on the screen has been seen; what is not makes the launcher speak up.
    _read(log) {
        const shown = this._open && document.visibilityState === 'visible';
        if (shown && log !== null && log.current) {
            this._link.seen(log.id);
        }
        const latest = this._log();
        const n = !shown && latest?.open ? latest.unread('visitor') : 0;
        if (latest?.open) {
            this._host.desk('');
        }
        const news = n > 0 ? this._texts.plural(this._texts.unread, n) : '';
        this._host.unread(n, news);
        this._flash.show(news);
    }

    // Whoever answers may see which pages the visitor has come by. A desk that does
    // not want to know says so, and is not told again.
    _visit(log) {
        const page = this._page();
        const visit = `${log.id} ${page.url}`;
        if (this._visited !== visit && this._visited !== null && log.current) {
            this._visited = visit;
            this._link.visit(log.id, page).catch(({note}) => {
                if (['unknown_type', 'bad_field'].includes(note.why)) {
                    this._visited = null;
                }
            });
        }
    }

    // The next page must know whether to go on.
    _remember() {
        if (this._link.state === 'open') {
            if ([...this._link.sessions.values()].some((log) => log.open)) {
                this._storage.set(`${this._space}.open`, '1');
            } else {
                this._storage.remove(`${this._space}.open`);
            }
        }
    }

    // No panel, no session, nothing to send: no link. An open form asks how things are.
    _relax(form) {
        if (this._open || this._log()?.open || this._link.pending(null).length > 0) {
            clearTimeout(this._idle);
            this._idle = undefined;
        } else {
            this._idle ??= setTimeout(() => this._link.disconnect(), IDLE_MS);
        }
        if (this._open && form) {
            this._asking ??= setInterval(() => this._host.ask().then(() => this._draw()), ASK_MS);
        } else {
            clearInterval(this._asking);
            this._asking = undefined;
        }
    }

    // ---- what the visitor does ------------------------------------------

    _start(start) {
        this._lifted.forEach((key) => this._link.discard(key));
        this._fresh = false;
        this._link.start(start);
        this._draw();
        this._thread.toEnd();
        this._area.focus({preventScroll: true});
    }

    // Where a text would go: a session, or one that is about to be opened.
    _target() {
        const log = this._log();
        const start = this._startEntry();
        return log?.open ? log.id : start === undefined ? null : {start: start.key};
    }

    _allow() {
        const body = this._area.value.trim();
        this._go.disabled = body === '' || this._target() === null || this._tooLong(body) !== '';
    }

    _send() {
        this._allow();
        if (!this._go.disabled) {
            this._link.say(this._target(), this._area.value.trim());
            this._area.value = '';
            this._typed();
            this._thread.toEnd();
        }
    }

    // The limit counts bytes, people count characters.
    _tooLong(text) {
        const bytes = byteLength(text.trim());
        const over = bytes - this._link.limits.body;
        return over <= 0 ? '' : this._texts.plural(
            this._texts.too_long, Math.ceil(over * text.trim().length / bytes));
    }

    _typed() {
        line(this._count, this._tooLong(this._area.value));
        pages.set(DRAFT, this._area.value);
        this._fit();
        this._allow();
        const log = this._log();
        if (this._area.value !== '' && log?.state === 'active') {
            this._link.typing(log.id);
        }
    }

    _edit(entry) {
        if (this._composer.hidden) {
            this._again();
            this._lift(entry);
            return;
        }
        this._area.value = [entry.command.body, this._area.value].filter(Boolean).join('\n');
        this._link.discard(entry.key);
        this._typed();
        this._area.focus();
    }

    _askEnd(ask) {
        this._asking_end = ask;
        this._draw();
        (ask ? this._sure.querySelector('button') : this._end).focus();
    }

    _endNow() {
        this._asking_end = false;
        this._link.close(this._log().id);
    }

    _again() {
        this._fresh = true;
        this._host.ask().then(() => this._draw());
        this._draw();
        this._form.focus();
    }

    _refused({note, command}) {
        this._busy = command !== undefined && note.retry_ms !== undefined;
        if (command?.type === 'reopen' && !this._busy) {
            this._late = command.session;
        }
        this._draw();
    }

    _key(event) {
        if (!this._open || composing(event)) {
            return;
        }
        if (event.key === 'Escape') {
            event.stopPropagation();
            if (this._asking_end) {
                this._askEnd(false);
            } else {
                this.hide();
            }
        } else if (event.key === 'Tab' && this.node.ariaModal === 'true') {
            this._keepTab(event);
        }
    }

    // Where the panel covers the page, the keyboard stays in it.
    _keepTab(event) {
        const stops = [...this.node.querySelectorAll(STOPS)]
            .filter((node) => !node.disabled && node.checkVisibility());
        const here = this._host.shadowRoot.activeElement;
        const edges = event.shiftKey ? [this.node, stops[0]] : [stops.at(-1)];
        if (edges.includes(here)) {
            event.preventDefault();
            stops.at(event.shiftKey ? -1 : 0).focus();
        }
    }
}

// widget-thread.js - draws the log of a session, and what is on its way, as a list of messages.
// SPDX-License-Identifier: MIT
//
// As a visitor sees it; usher-thread.js adds what an agent sees besides. What a fact is
// called comes from the texts.

import {clockTime, el, fill, keepChildren, richText, write} from './usher-dom.js';

const WINDOW = 60;              // as many lines at first; older ones when asked for
const NEAR_END_PX = 60;
const GROUP_MS = 300000;

export class Thread {
    // retry(entry), edit(entry) and discard(entry) act on what was not sent.
    constructor(link, texts, actions) {
        this._link = link;
        this._texts = texts;
        this._actions = actions;
        this._nodes = new Map();
        this._log = null;
        this._size = WINDOW;
        this._older = el('button.older', {type: 'button', onclick: () => this._showOlder()},
                         texts.older);
        this._list = el('div.lines', {role: 'log', 'aria-live': 'polite',
                                      'aria-label': texts.log_label});
        this._typing = el('p.typing', {role: 'status'});
        this.node = el('div.thread', {tabindex: '0', onscroll: () => this._scrolled()},
                       this._older, this._list, this._typing);
        this._at_end = true;
        this._pixels = new ResizeObserver(() => this._stick());
        this._pixels.observe(this.node);
        this._pixels.observe(this._list);
    }

    // log may be null: the session is yet to be opened.
    draw(log) {
        if (log?.id !== this._log?.id && this._log !== null) {
            this._nodes.clear();
            this._size = WINDOW;
            this._at_end = true;
        }
        this._log = log;
        const facts = (log?.list() ?? []).filter((fact) => this._line(fact) !== null);
        const shown = facts.slice(-this._size);
        const nodes = [];
        shown.forEach((fact, i) => {
            nodes.push(...this._dayNode(fact, shown[i - 1]), this._factNode(fact, shown[i - 1]));
        });
        for (const entry of this._pending(log)) {
            const node = this._entryNode(entry);
            node.classList.toggle('more', nodes.at(-1)?.classList.contains('mine') === true);
            nodes.push(node);
        }
        this._older.hidden = shown.length === facts.length
            && (log === null || log.public.first <= 1 || !log.more);
        const from_end = this.node.scrollHeight - this.node.scrollTop;
        const first = this._list.firstChild;
        keepChildren(this._list, nodes);
        this._drawTyping(log);
        if (this._at_end) {
            this._stick();
        } else if (first !== null && this._list.firstChild !== first) {
            this.node.scrollTop = this.node.scrollHeight - from_end;
        }
    }

    toEnd() {
        this._at_end = true;
        this._stick();
    }

    _stick() {
        if (this._at_end) {
            this.node.scrollTop = this.node.scrollHeight;
        }
    }

    _scrolled() {
        const below = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight;
        this._at_end = below < NEAR_END_PX;
    }

    // First from what is here, then from the desk.
    async _showOlder() {
        const here = this._log.list().length;
        this._at_end = false;
        this._size += WINDOW;
        if (here < this._size && this._log.public.first > 1 && this._log.more) {
            this._older.disabled = true;
            await this._link.history(this._log.id).catch(() => {});
            this._older.disabled = false;
        }
        this.draw(this._log);
    }

    _pending(log) {
        // There is one list, so that what was meant for another session stands here too.
        const unopened = log === null ? [] : this._link.pending(null).filter(
            (entry) => entry.failed === undefined);
        return [...new Set([...this._link.orphans(), ...this._link.pending(log?.id ?? null),
                            ...unopened])].filter((entry) => entry.command.body !== undefined);
    }

    // The words for a fact that is no message; null: it is not shown.
    _line(fact) {
        return fact.body === undefined ? this._texts.fact(fact, this._link) ?? null : '';
    }

    _mine(by) {
        return by.kind === this._link.as;
    }

    // Before the first line of a day; a session of today needs none.
    _dayNode(fact, before) {
        const day = (at) => new Date(at).setHours(0, 0, 0, 0);
        if (day(fact.at) === day(before?.at ?? Date.now())) {
            return [];
        }
        const name = new Date(fact.at).toLocaleDateString(this._texts.lang, {dateStyle: 'full'});
        return [this._keep(name, () => el('p.event.day', {}, name)).node];
    }

    _factNode(fact, before) {
        const id = `${fact.log ?? 'public'}.${fact.index}`;
        const kept = this._keep(id, () => {
            const line = this._line(fact);
            return line === '' ? this._message(fact, before) : el('p.event', {}, line);
        });
        const tick = kept.tick;
        if (tick !== null) {
            const seen = this._log.seen[this._link.as === 'visitor' ? 'agent' : 'visitor'];
            const read = seen >= fact.index;
            write(tick, this._texts[read ? 'seen' : 'sent']);
            tick.classList.toggle('read', read);
        }
        return kept.node;
    }

    _message(fact, before) {
        const mine = this._mine(fact.by);
        const more = before?.type === fact.type && before.by.kind === fact.by.kind
            && before.by.id === fact.by.id && fact.at - before.at < GROUP_MS;
        const time = el('time', {datetime: new Date(fact.at).toISOString()},
                        clockTime(fact.at, this._texts.lang));
        return el(`article.message.${fact.by.kind}${mine ? '.mine' : ''}${more ? '.more' : ''}`, {},
                  this._author(fact.by, mine, more), el('div.bubble', {}, richText(fact.body)),
                  el('p.meta', {}, time, mine ? el('span.tick') : null));
    }

    // Who speaks, and of what kind he is, is always said; shown, where the side does not tell.
    _author(by, mine, more) {
        const kind = this._texts.kinds[by.kind] ?? by.kind;
        const name = mine ? this._texts.you : by.name || kind;
        return el(more || mine ? 'p.author.aside' : 'p.author', {},
                  el('span.name', {dir: 'auto'}, name),
                  name === kind || (mine && by.kind === 'visitor') ? null
                      : el(`span.kind.${by.kind}`, {}, kind));
    }

    _entryNode(entry) {
        const log = this._link.sessions.get(entry.command.session);
        const ours = log?.open && log.mine;
        const id = `out.${entry.key}.${entry.failed?.why}.${ours}`;
        return this._keep(id, () => this._unsent(entry, ours)).node;
    }

    // Each node is made once.
    _keep(id, make) {
        let kept = this._nodes.get(id);
        if (kept === undefined) {
            const node = make();
            kept = {node, tick: node.querySelector('.tick')};
            this._nodes.set(id, kept);
        }
        return kept;
    }

    // ours: the session that it was for may be written to.
    _unsent(entry, ours) {
        const node = el(`article.message.mine.unsent.${this._link.as}`, {},
                        el('div.bubble', {}, richText(entry.command.body)));
        if (entry.failed === undefined) {
            node.append(el('p.meta', {}, el('span.tick', {}, this._texts.sending)));
            return node;
        }
        const why = this._texts.whys[entry.failed.why] ?? entry.failed.text;
        const button = (text, act) => el('button.small', {type: 'button',
                                                          onclick: () => act(entry)}, text);
        node.classList.add('failed');
        node.append(el('p.meta', {role: 'alert'}, fill(this._texts.not_sent, {why})),
                    el('p.choices', {},
                       ours && entry.failed.why !== 'too_large'
                           ? button(this._texts.retry, this._actions.retry) : null,
                       // A visitor may begin a new session with it.
                       ours || this._link.as === 'visitor'
                           ? button(this._texts.edit, this._actions.edit) : null,
                       button(this._texts.discard, this._actions.discard)));
        return node;
    }

    _drawTyping(log) {
        const by = log?.typing?.by;
        write(this._typing, by === undefined ? ''
            : fill(this._texts.typing, {who: by.name || this._texts.kinds[by.kind]}));
    }
}
